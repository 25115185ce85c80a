// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/word.h"

// The results that a program prints about parts of itself:
// - TAP 13 (testanything.org/tap-version-13-specification.html) and KTAP 1
// (Documentation/dev-tools/ktap.rst):
//   `ok 1 name`, `not ok 2 name # TIMEOUT`, nested by indentation, or by `# ` as kselftest's runner does;
// - lines with [PASS], [OK], [FAIL] or [SKIP], as the kernel's own run_vmtests.sh and many other scripts
// have;
// - lines of the Linux Test Project with TPASS, TFAIL, TBROK, TCONF or TWARN (ltp.h). The output is a
// guest's: names and reasons are cut and may have any bytes.
namespace hangar::subtest {

enum class Result : std::uint8_t { ok, not_ok, skip };

struct Subtest {
  std::string name;  // with those around it: "mm/hugetlb/read"
  Result result = Result::ok;
  std::string reason;  // what follows the directive, or "TIMEOUT"; may be empty
};

// Leaves only, in the order in which they ended. A result with others inside is listed only if it is
// `not ok` and none of them is. `# TODO` and `# XFAIL` make `not ok` an ok. A plan whose tests did not all
// report adds one that is not ok, and so does `Bail out!`.
[[nodiscard]] std::vector<Subtest> read_subtests(std::string_view output);

struct Counts {
  int ok = 0;
  int not_ok = 0;
  int skip = 0;

  [[nodiscard]] int all() const { return ok + not_ok + skip; }
};
[[nodiscard]] Counts counts_of(const std::vector<Subtest>& subtests);

// "2 of 12 failed: mm/read, mm/write; 3 skipped", "12 ok"; "no results".
[[nodiscard]] std::string subtests_text(const std::vector<Subtest>& subtests);

// More than half of them: what was to be tested was not.
[[nodiscard]] bool mostly_skipped(const Counts& counts);

inline constexpr std::size_t most_subtests = 20000;  // those after are dropped
inline constexpr std::size_t longest_name = 200;     // bytes; of a reason as well
inline constexpr std::size_t deepest = 64;           // bytes of indentation that count

}  // namespace hangar::subtest

template <>
inline constexpr auto hangar::words_of<hangar::subtest::Result> =
    std::to_array<std::string_view>({"ok", "not-ok", "skip"});
