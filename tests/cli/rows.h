// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace hangar::cli_tests {

// A row of a run in which nothing happened.
inline nlohmann::json quiet_row(const std::string& id, const std::string& scenario,
                                const std::string& kernel) {
  using nlohmann::json;
  return {{"schema", "hangar.row/1"},
          {"id", id},
          {"scenario", scenario},
          {"setting", ""},
          {"kernel", kernel},
          {"kernel_release", ""},
          {"kernel_digest", "abcdefabcdef"},
          {"machine", ""},
          {"cmdline", ""},
          {"argv", json::array()},
          {"restored", false},
          {"suspect", false},
          {"end", "done"},
          {"verdict", "pass"},
          {"watched_s", 5},
          {"exit_code", 0},
          {"hangs", json::array()},
          {"kills", json::array()},
          {"crashes", json::array()},
          {"findings", json::array()}};
}

}  // namespace hangar::cli_tests
