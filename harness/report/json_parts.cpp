// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/json_parts.h"

#include "harness/base/json.h"

namespace hangar::report {

using nlohmann::ordered_json;

ordered_json row_json(const compare::Row& row) {
  ordered_json all = {
      {"hangs", ordered_json::array()}, {"kills", ordered_json::array()}, {"crashes", ordered_json::array()}};
  if (const auto parsed = parse_ordered_json(compare::to_json(row))) all.update(*parsed);
  return all;
}

ordered_json median_json(const Cell& cell) {
  if (cell.summary.hung == 0) return nullptr;
  const stats::Quantile median = stats::quantile(cell.durations);
  return {{"seconds", or_null(median.seconds)},
          {"low", or_null(median.low)},
          {"high", or_null(median.high)},
          {"text", compare::duration_text(cell.summary)}};
}

}  // namespace hangar::report
