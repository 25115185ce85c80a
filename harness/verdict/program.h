// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/verdict/expectation.h"
#include "harness/verdict/judge.h"
#include "harness/verdict/outcome.h"

// Judgements on the boot and on the reproducer: whether it started, what it counted, how it ended. Those that
// are expected of every run, unless the scenario states otherwise, are made by judge_run().
namespace hangar::verdict {

inline constexpr const char* cannot_run_text = "can run on this kernel";

[[nodiscard]] Judgement judge_boots(const Outcome& outcome);
// An infra error when init could not execute the program: such a run shows nothing about the kernel.
[[nodiscard]] Judgement judge_starts(const Outcome& outcome);
[[nodiscard]] Judgement judge_progress(const Range& range, const Outcome& outcome);
// Of a stated status or signal, or of status 0.
[[nodiscard]] Judgement judge_exit(const RunExpectation& expected, const Outcome& outcome);
// Of the results that the program reports (subtest/subtests.h). Inconclusive if more than half were skipped.
[[nodiscard]] Judgement judge_subtests(const Range& failed, const Outcome& outcome);
// The reproducer ended with exit_cannot_run: this kernel lacks what it needs.
[[nodiscard]] bool cannot_run(const Outcome& outcome);
[[nodiscard]] Judgement judge_cannot_run(const Outcome& outcome);

// Whether `exit: 0` is expected though nothing is stated. Not of a run that is expected to hang or to crash,
// or that hung, unless the reproducer ended all the same.
[[nodiscard]] bool expects_exit_0(const ExpectationGroup& expected, const Outcome& outcome);

}  // namespace hangar::verdict
