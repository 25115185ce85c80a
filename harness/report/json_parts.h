// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/report/cells.h"

// Parts that hangar.report/1 and kcidb have in common.
namespace hangar::report {

// The object of hangar.row/1.
[[nodiscard]] nlohmann::ordered_json row_json(const compare::Row& row);
// {seconds, low, high, text} of the median of the longest hang; null if no run that counts hung.
[[nodiscard]] nlohmann::ordered_json median_json(const Cell& cell);

}  // namespace hangar::report
