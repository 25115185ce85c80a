// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/log/explain/score.h"
#include "harness/log/explain/statements.h"

namespace hangar::log {
namespace {

// A victim below this share of the machine's memory, or of the group's limit, frees nothing that matters.
constexpr double little_percent = 1;
constexpr std::size_t repeated = 3;

void kill_sizes(Explanation& out) {
  for (const auto& victim : out.victims) {
    if (!victim.anon_kb && !victim.resident_kb) continue;
    std::string text = task_text(victim.id) + " had";
    const auto part = [&](const Number& kb, const char* name, bool first) {
      if (kb) text += fmt::format("{} {} {}", first ? "" : ",", kb_text(*kb), name);
    };
    part(victim.anon_kb, "anonymous", true);
    part(victim.file_kb, "of files", !victim.anon_kb);
    part(victim.shmem_kb, "shared", false);
    out.freed.push_back({"sizes", text + " in memory when it was killed."});
    if (out.freed.size() >= 8) break;  // of a group
  }
}

void reaper(const OomEpisode& episode, Explanation& out) {
  for (auto& victim : out.victims) {
    const auto reap = std::find_if(episode.reaped.begin(), episode.reaped.end(), [&](const OomReap& one) {
      return victim.id.pid >= 0 && one.pid == victim.id.pid;
    });
    if (reap == episode.reaped.end()) continue;
    victim.reaped = reap->succeeded;
    victim.left_anon_kb = reap->anon_rss_kb;
    victim.left_file_kb = reap->file_rss_kb;
    victim.left_shmem_kb = reap->shmem_rss_kb;
    victim.reaped_after_s = reap->after_kill_s;
    const std::string after =
        reap->after_kill_s ? fmt::format(", {} after the kill", format_seconds(*reap->after_kill_s)) : "";
    if (!reap->succeeded) {
      out.freed.push_back(
          {"reaper-failed", fmt::format("The OOM reaper could not reap {}{}: in ten attempts it did not "
                                        "get mmap_lock, or could not free all.",
                                        task_text(victim.id), after)});
      continue;
    }
    std::string text = fmt::format("The OOM reaper freed its memory{}", after);
    if (victim.anon_kb && reap->anon_rss_kb) {
      text += fmt::format(": {} of {} anonymous",
                          kb_text(std::max<std::int64_t>(*victim.anon_kb - *reap->anon_rss_kb, 0)),
                          kb_text(*victim.anon_kb));
    }
    if (reap->file_rss_kb && reap->shmem_rss_kb && *reap->file_rss_kb + *reap->shmem_rss_kb > 0) {
      text += fmt::format("; {} of files and {} shared were left", kb_text(*reap->file_rss_kb),
                          kb_text(*reap->shmem_rss_kb));
    }
    out.freed.push_back({"reaped", text + "."});
  }
}

void no_reaper(const OomEpisode& episode, Explanation& out) {
  if (out.victims.empty() || !episode.reaped.empty()) return;
  const auto version = version_of(out.kernel_release);
  if (version && *version < std::pair(4, 6)) {
    out.freed.push_back({"no-reaper",
                         "Kernels before 4.6 have no OOM reaper: the log does not show when the memory was "
                         "freed."});
    return;
  }
  out.freed.push_back({"no-reaper-line",
                       "No oom_reaper line follows: the log does not show when the memory was freed. "
                       "Normally the victim exits before the reaper starts (2 s after the kill "
                       "since 5.18)."});
}

Number total_kb(const Explanation& out) {
  if (!out.memory || !out.memory->total) return std::nullopt;
  if (out.memory->group) return out.memory->total;
  return out.page_kb ? Number(*out.memory->total * *out.page_kb) : Number();
}

bool is_little(std::int64_t kb, std::int64_t total_kb) {
  return 100.0 * static_cast<double>(kb) < little_percent * static_cast<double>(total_kb);
}

// Shared memory stays when its process is killed: a file in tmpfs, a segment, or another process holds it.
void shared(Explanation& out) {
  const auto total = total_kb(out);
  if (out.victims.empty() || !total) return;
  const Victim& victim = out.victims.front();
  if (!victim.shmem_kb || !victim.resident_kb || is_little(*victim.shmem_kb, *total)) return;
  if (*victim.shmem_kb * 2 > *victim.resident_kb) {
    out.freed.push_back(
        {"mostly-shared", fmt::format("{} of that is shared memory or tmpfs. It is not freed as long as a "
                                      "file or another process holds it.",
                                      kb_text(*victim.shmem_kb))});
  }
}

void little(const OomHistory& history, Explanation& out) {
  const auto total = total_kb(out);
  if (!total || *total <= 0 || out.victims.empty()) return;
  std::int64_t sum = 0;
  for (const auto& victim : out.victims) {
    if (!victim.resident_kb) return;
    sum += *victim.resident_kb;
  }
  if (!is_little(sum, *total)) return;
  out.freed.push_back({"little", fmt::format("That is {} of {}: the kill frees almost nothing.", kb_text(sum),
                                             kb_text(*total))});
  std::size_t row = 1;
  for (auto kill = history.kills.rbegin(); kill != history.kills.rend(); ++kill, ++row) {
    if (!kill->resident_kb || !is_little(*kill->resident_kb, *total)) break;
  }
  if (row >= repeated) {
    out.freed.push_back({"repeated-little", fmt::format("{} kills in a row freed almost nothing: the memory "
                                                        "belongs to others.",
                                                        row)});
  }
}

}  // namespace

void explain_freed(const OomEpisode& episode, const OomHistory& history, Explanation& out) {
  kill_sizes(out);
  reaper(episode, out);
  no_reaper(episode, out);
  shared(out);
  little(history, out);
}

}  // namespace hangar::log
