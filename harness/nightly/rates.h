// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/word.h"
#include "harness/stats/sequential.h"

// reproducers/<name>/rates.yaml: how often kernels are known to hang in a scenario, and which sequential test
// shows that this has changed. tests/guest/hangar_rates_test.cpp runs these tests.
namespace hangar::nightly {

// always: stats::always_hung(), and so on.
enum class Known : std::uint8_t { never, nearly_always, always };

struct KnownRate {
  std::string kernel;
  int hangs = 0;
  int runs = 0;
  std::string measured;  // a date, UTC
  std::string machine;
  std::optional<Known> known;  // none: neither rarely nor nearly always, so that no test has it as known
};

struct Rates {
  std::string scenario;
  std::vector<KnownRate> kernels;
};

[[nodiscard]] Result<Rates> parse_rates(std::string_view text, const fs::path& file);
// The rates of a reproducer below `source_tree`.
[[nodiscard]] Result<Rates> load_rates(const fs::path& source_tree, const std::string& reproducer);
[[nodiscard]] stats::RateTest test_of(Known known);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::Known> =
    std::to_array<std::string_view>({"never", "nearly-always", "always"});
