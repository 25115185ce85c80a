// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/row.h"
#include "tests/fuzz/fuzz.h"

// Rows of runs.jsonl: what is read and written again is the same row.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto row = compare::row_from_json(std::string(fuzz::text_of(data, size)));
  if (!row) return 0;
  const std::string text = compare::to_json(*row);
  fuzz::must(text.find('\n') == std::string::npos, "a row of two lines", text);
  const auto again = compare::row_from_json(text);
  fuzz::must(static_cast<bool>(again), "a row is not read back", text);
  fuzz::must(compare::to_json(*again) == text, "a row changed", text, compare::to_json(*again));
  (void)compare::longest_hang(*row);
  (void)compare::parameter(*row, "oom2015");
  fuzz::planted(row->hangs.size() > 1 && row->kills.size() > 1 &&
                row->hangs[0].start_s > row->hangs[1].start_s);
  return 0;
}
