// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/log/explain/explanation.h"
#include "harness/log/explain/gfp.h"

// The parts of an explanation. Each adds statements that follow from numbers of the report; what is compared
// with which bound, and why, is documented where it is done.
namespace hangar::log {

/// What earlier episodes of the same boot showed.
struct OomHistory {
  struct Kill {
    std::int64_t pid = -1;
    Number resident_kb;
  };
  std::vector<Kill> kills;  // the last ones
  Seconds last_s;           // the end of the last episode
};

void explain_cause(const OomEpisode& episode, const Gfp& gfp, Explanation& out);
void explain_victims(const OomEpisode& episode, const OomHistory& history, Explanation& out);
void explain_freed(const OomEpisode& episode, const OomHistory& history, Explanation& out);
/// What to check, the most important first. Needs everything else.
void suggest(const OomEpisode& episode, Explanation& out);
void list_missing(const OomEpisode& episode, Explanation& out);

/// "64 MiB".
[[nodiscard]] std::string kb_text(std::int64_t kb);
/// "57356 pages (224 MiB)".
[[nodiscard]] std::string pages_text(std::int64_t pages, const Number& page_kb);
/// "hog (41)"; "a process" without a name.
[[nodiscard]] std::string task_text(const TaskId& task);

}  // namespace hangar::log
