// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/verdict.h"

namespace hangar::verdict {

std::string to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::fail:
      return "fail";
    case Verdict::infra_error:
      return "infra-error";
  }
  return "infra-error";
}

int exit_status(Verdict verdict) {
  if (verdict == Verdict::pass) return 0;
  return verdict == Verdict::infra_error ? 3 : 1;
}

}  // namespace hangar::verdict
