// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/current_rows.h"

#include <fmt/format.h>

namespace hangar::compare {
namespace {

// A row has the beginning of the digest.
bool is_of(const Row& row, const std::string& digest) {
  return !row.kernel_digest.empty() && digest.starts_with(row.kernel_digest);
}

}  // namespace

CurrentRows current_rows(std::vector<Row> rows, const std::map<std::string, std::string>& digests) {
  CurrentRows current;
  std::map<std::string, int> ignored;
  for (Row& row : rows) {
    const auto digest = digests.find(row.kernel);
    if (digest == digests.end() || is_of(row, digest->second)) {
      current.rows.push_back(std::move(row));
    } else {
      ++ignored[row.kernel];
    }
  }
  for (const auto& [kernel, count] : ignored) {
    current.ignored += count;
    current.notes.push_back(fmt::format("{} of another build of {} and {} ignored",
                                        count == 1 ? "1 row is" : fmt::format("{} rows are", count), kernel,
                                        count == 1 ? "is" : "are"));
  }
  return current;
}

}  // namespace hangar::compare
