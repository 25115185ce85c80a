// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/verdict/judge.h"

// The one line that explains a run's verdict. Pure.
namespace hangar::verdict {

// The failed (or, with `sought`, inconclusive) judgements as one line that begins with the earliest cause:
// "kernel BUG in __alloc_pages at 8.0 s; then lockup of at least 58.0 s from 9.2 s". A crash report comes
// before the hang that follows from it, though the hang's last sign of life may be a moment older. Empty when
// no judgement has this verdict.
[[nodiscard]] std::string earliest_cause(const Outcome& outcome, const std::vector<Judgement>& judgements,
                                         Verdict sought = Verdict::fail);

// Crashes and hangs that no judgement is about: "not expected or excluded: task of 15.1 s from 3.0 s". Then
// the kernel's reports that are part of no hang, which no expectation covers: "the kernel reported INFO: rcu
// detected stall in f at 20.0 s (not counted as a hang)". Empty if there are none.
[[nodiscard]] std::string not_covered(const Outcome& outcome, const std::vector<Judgement>& judgements);

// Why a run has this verdict; of a pass, what was observed.
[[nodiscard]] std::string why_of(Verdict verdict, const Outcome& outcome,
                                 const std::vector<Judgement>& judgements);

}  // namespace hangar::verdict
