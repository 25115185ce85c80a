// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/log_extract.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/log/infer/finding.h"
#include "harness/log/infer/read.h"
#include "harness/report/log_text.h"

namespace hangar::report {
namespace {

using outcome::Timeline;

std::vector<std::string> frames_of(const log::TaskStack& stack) {
  std::vector<std::string> frames;
  for (const log::Frame& frame : stack.frames) {
    if (!frame.reliable) continue;
    std::string text = frame.function;
    if (frame.offset && frame.size) text += fmt::format("+{:#x}/{:#x}", *frame.offset, *frame.size);
    if (!frame.module.empty()) text += " [" + frame.module + "]";
    if (!frame.source.empty()) text += " " + frame.source;
    frames.push_back(sanitize_for_terminal(text));
  }
  return frames;
}

std::string who(const log::TaskStack& stack) {
  return fmt::format("{} ({}), state {}", sanitize_for_terminal(stack.comm), stack.pid,
                     sanitize_for_terminal(stack.state));
}

// Until when the hang took its own course.
double natural_end_s(const verdict::Outcome& outcome) {
  const verdict::Hang* hang = longest_hang(outcome);
  return hang == nullptr ? outcome.watched_s : hang->start_s + hang->duration_s;
}

// The last stack of each task that came before `until_s`.
std::vector<const log::TaskStack*> last_stacks(const log::LogFacts& facts, const Timeline& timeline,
                                               double until_s) {
  std::map<std::int64_t, const log::TaskStack*> last;
  for (const log::Boot& boot : facts.boots) {
    for (const log::TaskStack& stack : boot.tasks)
      if (timeline.host_s(stack.line) <= until_s) last[stack.pid] = &stack;
  }
  std::vector<const log::TaskStack*> stacks;
  for (const auto& [pid, stack] : last) stacks.push_back(stack);
  return stacks;
}

// The stacks that the finding about the mmap lock cites.
void add_holders(const log::LogFacts& facts, LogExtract& extract) {
  std::set<std::int64_t> shown;
  for (const log::Boot& boot : facts.boots) {
    std::set<std::uint64_t> cited;
    for (const log::Finding& finding : boot.findings)
      if (finding.id == "mmap-lock-livelock") cited.insert(finding.lines.begin(), finding.lines.end());
    for (const log::TaskStack& stack : boot.tasks) {
      const bool holds = log::role_of(stack).wait == log::Wait::allocating_in_mm;
      if (!holds || !cited.contains(stack.line) || !shown.insert(stack.pid).second) continue;
      extract.holders.push_back({who(stack) + ", probably holds the mmap lock; it waits for memory",
                                 static_cast<std::int64_t>(stack.line), frames_of(stack)});
    }
  }
}

void add_blocked(const std::vector<const log::TaskStack*>& stacks, LogExtract& extract) {
  std::map<std::vector<std::string>, std::size_t> groups;  // by frames, an index of `blocked`
  for (const log::TaskStack* stack : stacks) {
    std::vector<std::string> frames = frames_of(*stack);
    if (frames.empty() || stack->pid < 0 || !stack->state.starts_with('D')) continue;
    const auto line = static_cast<std::int64_t>(stack->line);
    const auto [group, is_new] = groups.emplace(frames, extract.blocked.size());
    if (is_new) {
      extract.blocked.push_back({who(*stack), line, std::move(frames)});
    } else {
      extract.blocked[group->second].title += fmt::format(", {}", stack->pid);
    }
  }
}

void add_crashes(const log::LogFacts& facts, const Timeline& timeline, LogExtract& extract) {
  for (const log::Boot& boot : facts.boots) {
    for (const log::Crash& crash : boot.crashes) {
      if (crash.type == "HANG" && !extract.blocked.empty()) continue;  // the stacks are shown already
      Excerpt& excerpt = extract.crashes.emplace_back();
      excerpt.title = sanitize_for_terminal(crash.title);
      excerpt.line = static_cast<std::int64_t>(crash.line);
      for (std::uint64_t line = crash.line; line <= std::max(crash.line, crash.last_line); ++line) {
        if (excerpt.lines.size() == most_crash_lines) {
          excerpt.lines.push_back(fmt::format("... {} more lines", crash.last_line - line + 1));
          break;
        }
        excerpt.lines.push_back(sanitize_for_terminal(timeline.cite(line).text));
      }
    }
  }
}

// "  __schedule+0x1fb/0x580"
bool is_frame(std::string_view text) {
  const std::size_t plus = text.find("+0x");
  return plus != std::string_view::npos && text.find("/0x", plus) != std::string_view::npos &&
         text.find(' ', plus) == std::string_view::npos;
}

// Cited lines in their order, each once. Frames are shown as stacks.
void add_proof(const Record& record, LogExtract& extract) {
  std::map<std::int64_t, std::string> lines;
  const auto add = [&](const verdict::CitedLine& line) {
    if (line.line > 0 && !is_frame(line.text)) lines.emplace(line.line, line.text);
  };
  for (const verdict::Judgement& judgement : record.judgements)
    std::for_each(judgement.lines.begin(), judgement.lines.end(), add);
  for (const verdict::Hang& hang : record.outcome.hangs)
    std::for_each(hang.lines.begin(), hang.lines.end(), add);
  for (const verdict::OomKill& kill : record.outcome.oom_kills) add(kill.line);
  for (const auto& [number, text] : lines)
    extract.proof.push_back({"", number, {sanitize_for_terminal(text)}});
}

}  // namespace

Result<LogExtract> extract_log(const Record& record) {
  LogExtract extract;
  add_proof(record, extract);
  TRY_ASSIGN(const Timeline timeline, read_timeline(record));
  const log::LogFacts facts = log::analyse(timeline.bytes());
  add_holders(facts, extract);
  add_blocked(last_stacks(facts, timeline, natural_end_s(record.outcome)), extract);
  add_crashes(facts, timeline, extract);
  return extract;
}

}  // namespace hangar::report
