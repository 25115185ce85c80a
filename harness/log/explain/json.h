// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/log/explain/explanation.h"

namespace hangar::log {

/// An element of `episodes` in hangar.oom/1.
[[nodiscard]] nlohmann::ordered_json json_of(const Explanation& explanation);

}  // namespace hangar::log
