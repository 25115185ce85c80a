// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "harness/log/explain/explanation.h"

namespace hangar::log {

/// Major and minor version of a release: {6, 1} of "6.1.192-2-amd64".
[[nodiscard]] std::optional<std::pair<int, int>> version_of(const std::optional<std::string>& release);

/// What `oom_score_adj` is a share of, in pages: constrained_alloc() in mm/oom_kill.c.
[[nodiscard]] Number total_pages(const OomEpisode& episode, OomScope scope, Number page_kb);

/// oom_badness() in mm/oom_kill.c: rss + swap entries + page tables, all in pages, + oom_score_adj times a
/// thousandth of the total, rounded down. Without the number of pages in total, a process has points only if
/// its `oom_score_adj` is 0.
[[nodiscard]] Score score_of(const OomTask& task, Number page_kb, Number total);

/// False for init and for processes with `oom_score_adj` -1000: the kernel does not choose them.
[[nodiscard]] bool can_be_chosen(const OomTask& task);

/// One entry for each name, the largest first.
[[nodiscard]] std::vector<Program> programs_of(const std::vector<OomTask>& tasks, Number page_kb,
                                               bool choosable);

}  // namespace hangar::log
