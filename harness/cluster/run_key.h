// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace hangar::cluster {

// Which run of an experiment: the cell and the repeat, both from 0. However often it is started, it counts
// once.
struct RunKey {
  int cell = 0;
  int repeat = 0;

  bool operator==(const RunKey&) const = default;
  bool operator<(const RunKey& other) const {
    return std::tie(cell, repeat) < std::tie(other.cell, other.repeat);
  }
};

// "2-17": cell 2, repeat 17. Also the name of the run's files.
[[nodiscard]] std::string to_string(const RunKey& key);
[[nodiscard]] std::optional<RunKey> run_key_from(std::string_view text);

}  // namespace hangar::cluster
