// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/summary.h"

#include <algorithm>

#include <fmt/core.h>

#include "harness/base/text.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_boots = 64;
constexpr std::size_t max_shown = 20;  // of each kind, in each boot

template <typename T>
void keep(std::vector<T>& list, const T& item, std::uint64_t& left_out) {
  if (list.size() < max_shown) {
    list.push_back(item);
  } else {
    ++left_out;
  }
}

std::string when(const Seconds& time) {
  return time ? fmt::format("{:.1f} s", *time) : std::string("?");
}
std::string safe(std::string_view text) {
  return sanitize_for_terminal(text);
}

std::string hang_text(const Hang& hang) {
  std::string out = to_string(hang.kind);
  if (hang.cause) out += fmt::format(" ({})", to_string(*hang.cause));
  out +=
      fmt::format(", {} to {}", when(hang.start_s), hang.censored ? "the end of the log" : when(hang.end_s));
  if (hang.duration_s)
    out += fmt::format(", {}{}", hang.censored ? "at least " : "", format_seconds(*hang.duration_s));
  if (hang.ended_by && *hang.ended_by != HangEnd::end) out += ", ended by " + to_string(*hang.ended_by);
  if (hang.uncertain) out += " (lines are missing in between)";
  return out;
}

// One row of the timeline: where in the boot the hang lies.
std::string bar(const Hang& hang, double first, double last, std::size_t width) {
  std::string out(width, '.');
  if (!hang.start_s || last <= first) return out;
  const auto column = [&](double time) {
    const double at = (time - first) / (last - first) * static_cast<double>(width);
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(width - 1)));
  };
  const auto end = column(hang.end_s.value_or(last));
  for (std::size_t i = column(*hang.start_s); i <= end; ++i) out[i] = '#';
  if (hang.censored) out[end] = '>';
  return out;
}

std::string kill_text(const OomKill& kill) {
  std::string out = fmt::format("{}: {} ({})", when(kill.time_s), safe(kill.comm), kill.pid);
  if (kill.anon_rss_kb) out += fmt::format(", anon {} kB", *kill.anon_rss_kb);
  if (kill.instead_of)
    out += fmt::format(", in place of {} ({})", safe(kill.instead_of->comm), kill.instead_of->pid);
  return out;
}

}  // namespace

Summary::Part& Summary::part() {
  if (parts_.empty()) parts_.emplace_back();
  return parts_.back();
}

// A detector repeats its report as long as the hang lasts: the title is shown once.
void Summary::add_crash(Part& now, const Crash& crash) {
  const bool again = crash.type == "HANG" && !crash.panicked &&
                     std::any_of(now.crashes.begin(), now.crashes.end(),
                                 [&](const Crash& shown) { return shown.title == crash.title; });
  if (again) {
    ++now.repeats[crash.title];
  } else {
    keep(now.crashes, crash, now.left_out);
  }
}

void Summary::on(const Event& event) {
  if (const auto* started = std::get_if<BootStarted>(&event.body)) {
    if (started->same_boot) {
      if (!started->kernel_release.empty()) part().release = started->kernel_release;
    } else if (parts_.size() < max_boots) {
      parts_.emplace_back();
      part().line = event.line;
    } else {
      ++more_boots_;
    }
    return;
  }
  Part& now = part();
  if (const auto* ended = std::get_if<BootEnded>(&event.body)) {
    now.first_s = ended->first_s;
    now.last_s = ended->last_s;
  } else if (std::holds_alternative<OomInvoked>(event.body)) {
    ++now.episodes;
  } else if (const auto* kill = std::get_if<OomKill>(&event.body)) {
    ++now.kills;
    keep(now.shown_kills, *kill, now.left_out);
  } else if (const auto* episode = std::get_if<OomEpisode>(&event.body)) {
    if (episode->chosen && !episode->kill_line_known.value_or(true))
      keep(now.unseen_kills, *episode->chosen, now.left_out);
  } else if (std::holds_alternative<MemAlloc>(event.body)) {
    ++now.reports;
  } else if (std::holds_alternative<TaskStack>(event.body)) {
    ++now.stacks;
  } else if (const auto* sysrq = std::get_if<SysRq>(&event.body)) {
    keep(now.sysrq, *sysrq, now.left_out);
  } else if (const auto* hang = std::get_if<Hang>(&event.body)) {
    keep(now.hangs, *hang, now.left_out);
  } else if (const auto* crash = std::get_if<Crash>(&event.body)) {
    add_crash(now, *crash);
  } else if (const auto* finding = std::get_if<Finding>(&event.body)) {
    keep(now.findings, *finding, now.left_out);
  } else if (const auto* panic = std::get_if<Panic>(&event.body)) {
    if (now.panic.empty()) now.panic = panic->reason;
  } else if (const auto* damage = std::get_if<Damage>(&event.body)) {
    damage_.dropped += damage->messages;
    damage_.interleaved += damage->kind == Damage::Kind::interleaved ? 1 : 0;
    damage_.truncated += damage->kind == Damage::Kind::truncated ? 1 : 0;
    damage_.elided += damage->kind == Damage::Kind::elided ? 1 : 0;
    damage_.replayed += damage->kind == Damage::Kind::replayed ? 1 : 0;
    damage_.wrapped += damage->kind == Damage::Kind::wrapped ? 1 : 0;
    damage_.repeated += damage->kind == Damage::Kind::repeated ? 1 : 0;
  } else if (const auto* left = std::get_if<LeftOut>(&event.body)) {
    left_out_[left->part] += left->count;
  }
}

void Summary::describe(const Part& now, std::size_t number, std::size_t width, std::string& out) const {
  out += fmt::format("boot {}: {}, {} to {} (from line {})\n", number,
                     now.release.empty() ? "kernel unknown" : safe(now.release), when(now.first_s),
                     when(now.last_s), now.line);
  if (now.episodes + now.kills > 0)
    out += fmt::format("  OOM: {} episodes, {} kills\n", now.episodes, now.kills);
  for (const auto& kill : now.shown_kills)
    out += fmt::format("    {} [line {}]\n", kill_text(kill), kill.line);
  for (const auto& victim : now.unseen_kills) {
    out += fmt::format("    a victim was chosen ({}, pid {}); its kill is not in a known form\n",
                       safe(victim.comm), victim.pid);
  }
  if (now.reports > 0) out += fmt::format("  MemAlloc-Info: {} reports\n", now.reports);
  for (const auto& sysrq : now.sysrq) {
    out += fmt::format("  SysRq {}: {} at {} [line {}]\n", sysrq.key == '\0' ? '?' : sysrq.key,
                       safe(sysrq.name), when(sysrq.time_s), sysrq.line);
  }
  if (now.hangs.empty()) out += "  hangs: none\n";
  for (const auto& hang : now.hangs) {
    out += fmt::format("  hang: {}\n", hang_text(hang));
    if (now.first_s && now.last_s && width > 30) {
      out += fmt::format("    |{}|\n",
                         bar(hang, *now.first_s, *now.last_s, std::min<std::size_t>(width - 8, 72)));
    }
  }
  for (const auto& crash : now.crashes) {
    const auto again = now.repeats.find(crash.title);
    out += fmt::format("  crash: {} [line {}{}{}{}]\n", safe(crash.title), crash.line,
                       crash.panicked ? ", panicked" : "",
                       crash.corrupted ? ", damaged: " + crash.corrupted_why : "",
                       again == now.repeats.end() ? "" : fmt::format(", {} reports", again->second + 1));
  }
  if (!now.panic.empty()) out += fmt::format("  panic: {}\n", safe(now.panic));
  for (const auto& finding : now.findings) {
    std::string lines;
    for (std::size_t i = 0; i < finding.lines.size() && i < 6; ++i)
      lines += fmt::format("{}{}", i == 0 ? "" : ", ", finding.lines[i]);
    if (finding.lines.size() > 6) lines += " ...";
    out += fmt::format("  finding: {} ({}): {} [line {}]\n", finding.id, to_string(finding.certainty),
                       safe(finding.text), lines);
  }
  if (now.left_out > 0) out += fmt::format("  and {} more, see --json or --events\n", now.left_out);
}

std::string Summary::text(std::size_t width) const {
  std::string out;
  for (std::size_t i = 0; i < parts_.size(); ++i) describe(parts_[i], i + 1, width, out);
  if (more_boots_ > 0)
    out += fmt::format("and {} more boots, counted into the last one shown\n", more_boots_);
  std::string damage;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) damage += fmt::format("{}{} {}", damage.empty() ? "" : ", ", count, what);
  };
  add(damage_.dropped, "messages dropped");
  add(damage_.interleaved, "lines interleaved");
  add(damage_.truncated, "truncated");
  add(damage_.elided, "elisions");
  add(damage_.replayed, "replays");
  add(damage_.wrapped, "wrapped lines");
  add(damage_.repeated, "repeats");
  if (!damage.empty()) out += "integrity: " + damage + "\n";
  std::string left_out;
  for (std::size_t i = 0; i < part_count; ++i) {
    const auto part = static_cast<log::Part>(i);
    if (left_out_[part] == 0) continue;
    left_out += fmt::format("{}{} {}", left_out.empty() ? "" : ", ", left_out_[part], words_of(part));
  }
  if (!left_out.empty()) out += "limits reached, left out: " + left_out + "\n";
  return out;
}

void StackGroups::on(const TaskStack& stack) {
  constexpr std::size_t max_groups = 20000;
  constexpr std::size_t max_bytes = std::size_t{24} << 20;
  std::string key;
  for (const auto& frame : stack.frames) {
    if (frame.reliable) key += frame.function + "\n";
  }
  if (key.empty()) return;
  auto at = groups_.find(key);
  if (at == groups_.end()) {
    if (groups_.size() >= max_groups || bytes_ + key.size() > max_bytes) {
      ++left_out_;
      return;
    }
    bytes_ += key.size();
    at = groups_.emplace(std::move(key), Group{}).first;
    at->second.first_line = stack.line;
    for (const auto& frame : stack.frames) {
      if (frame.reliable) {
        at->second.frames.push_back(frame.source.empty() ? frame.function
                                                         : frame.function + " " + frame.source);
      }
    }
  }
  Group& group = at->second;
  ++group.count;
  if (!stack.state.empty()) ++group.states[stack.state];
  if (group.count <= 6 && !stack.comm.empty())
    group.who += fmt::format("{}{} ({})", group.who.empty() ? "" : ", ", stack.comm, stack.pid);
}

std::vector<const StackGroups::Group*> StackGroups::sorted() const {
  std::vector<const Group*> sorted;
  for (const auto& entry : groups_) sorted.push_back(&entry.second);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Group* a, const Group* b) { return a->count > b->count; });
  return sorted;
}

std::string StackGroups::text() const {
  std::string out;
  for (const auto* group : sorted()) {
    std::string states;
    for (const auto& [state, count] : group->states) states += fmt::format(" {}:{}", state, count);
    out += fmt::format("{} x{} [first at line {}] {}{}\n", group->count, states, group->first_line,
                       safe(group->who), group->count > 6 ? " ..." : "");
    for (const auto& frame : group->frames) out += "    " + safe(frame) + "\n";
  }
  if (left_out_ > 0) out += fmt::format("and {} stacks of further kinds\n", left_out_);
  return out;
}

}  // namespace hangar::log
