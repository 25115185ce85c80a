// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace hangar::verdict {

// In order of badness: a cell and the process take the worst.
enum class Verdict { pass, inconclusive, fail, infra_error };

[[nodiscard]] constexpr Verdict worst(Verdict a, Verdict b) {
  return a < b ? b : a;
}
[[nodiscard]] std::string to_text(Verdict verdict);
// 0 pass, 1 fail or inconclusive, 3 infra-error.
[[nodiscard]] int exit_status(Verdict verdict);

}  // namespace hangar::verdict
