// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/log/explain/explanation.h"

namespace hangar::log {

/// The explanation as plain text, safe for a terminal, at most `width` columns (60 to 80).
[[nodiscard]] std::string explanation_text(const Explanation& explanation, std::size_t width);

}  // namespace hangar::log
