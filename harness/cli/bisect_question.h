// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/bisect/journal.h"
#include "harness/run/report.h"

// What a bisection asks of a run: `--hit`.
namespace hangar::cli {

struct BisectQuestion {
  enum class What { hang, crash, victim, other_victim, fail } what = What::hang;
  double longer_than_s = 0;  // of a hang
  std::string name;          // of the victim, or a part of the crash's title; "": any crash
};

// "hang", "hang>30s", "crash", "crash:TITLE", "victim:NAME", "not-victim:NAME", "fail".
[[nodiscard]] Result<BisectQuestion> parse_question(const std::string& text);

// A guest that did not boot, or a kernel that cannot run the program, is skipped. A hang while the host had
// other load is the host's.
[[nodiscard]] bisect::Seen seen_in(const run::RunReport& run, const BisectQuestion& question);

}  // namespace hangar::cli
