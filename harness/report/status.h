// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/word.h"
#include "harness/report/cells.h"
#include "harness/subtest/subtests.h"

// What the exports have in common: the result of a run or of a cell in one word, and the lines that explain
// it. All texts are raw: each format sanitizes them for its own medium.
namespace hangar::report {

using hangar::to_string;

// In order of badness. `hang` is a failure by an expectation on hangs.
enum class Status : std::uint8_t { pass, inconclusive, fail, hang, infra_error };

// A run that was interrupted is never a pass, whatever verdict is stored.
[[nodiscard]] Status status_of(const Run& run);
// The worst of its verdict and of its runs.
[[nodiscard]] Status status_of(const Cell& cell);
[[nodiscard]] Status status_of(const std::vector<Cell>& cells);

// The verdict's word: that of a `hang` is "fail".
[[nodiscard]] std::string verdict_text(Status status);

// The reason for the status in one line; never "".
[[nodiscard]] std::string reason_of(const Run& run);
[[nodiscard]] std::string reason_of(const Cell& cell);

// What the guest did, one fact a line, for any verdict: "hang: memory-stall of at least 31.2 s from 3.0 s",
// "kill: hog at 3.1 s", "crash: kernel BUG at mm/slub.c".
[[nodiscard]] std::vector<std::string> facts_of(const Run& run);
// What its program reported about its parts; none of a run without a record.
[[nodiscard]] const std::vector<subtest::Subtest>& subtests_of(const Run& run);
// The expectations that are not met, each with the lines of the log that prove it: "serial.log line 12: ...".
[[nodiscard]] std::vector<std::string> proof_of(const Run& run);
[[nodiscard]] std::vector<std::string> proof_of(const Cell& cell);
// The last lines of the console, as they are.
[[nodiscard]] std::vector<std::string> tail_of(const Run& run);

// "1 of 10 runs (95% interval 0.00 to 0.45)".
[[nodiscard]] std::string rate_text(const Cell& cell);
// uname -r of the first run that reported it; "": not known.
[[nodiscard]] std::string release_of(const Cell& cell);
// How long the run took, in seconds; of a row the time that was watched.
[[nodiscard]] double wall_s(const Run& run);
// The kernel's kills before the first one that SysRq f requested.
[[nodiscard]] std::vector<compare::KillRow> own_kills(const compare::Row& row);
// "hog, child": of these kills, in order, each once.
[[nodiscard]] std::string victims_text(const std::vector<compare::KillRow>& kills);

}  // namespace hangar::report

template <>
inline constexpr auto hangar::words_of<hangar::report::Status> =
    std::to_array<std::string_view>({"pass", "inconclusive", "fail", "hang", "infra-error"});
