// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/why.h"

#include "harness/verdict/why.h"

namespace hangar::run {

using verdict::Verdict;

std::string why_of(const RunReport& run) {
  return verdict::why_of(run.verdict, run.outcome, run.judgements);
}

std::string why_of(const CellReport& cell) {
  for (const Verdict sought : {Verdict::infra_error, Verdict::fail, Verdict::inconclusive}) {
    for (const RunReport& run : cell.runs) {
      if (run.verdict == sought) return why_of(run);
    }
    for (const verdict::Judgement& judgement : cell.judgements) {
      if (judgement.verdict == sought) return reason(judgement);
    }
  }
  std::string why = "no run finished";
  for (const RunReport& run : cell.runs) {
    why = why_of(run);
    if (why != "as expected") break;
  }
  return why;
}

}  // namespace hangar::run
