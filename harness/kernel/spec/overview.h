// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/kernel/spec/spec.h"

// What is known of a spec without fetching or building anything, for lists.
namespace hangar::kernel {

struct Overview {
  enum class State {
    built,    // ready to boot; also a binary that is given, and a prebuilt kernel that was fetched
    source,   // the source is here, the kernel has to be built
    absent,   // has to be fetched
    damaged,  // in the cache, and not as it was built
    broken,   // the spec cannot be used: `problem` has the reason
  };
  State state = State::absent;
  std::string version;                          // "6.1.192"; "" while the source is not here
  std::uint64_t bytes = 0;                      // of the artifact
  std::optional<std::int64_t> built_unix = {};  // when it was made
  std::string key;                              // of the artifact; "" while it is not known
  std::string problem;
};

[[nodiscard]] std::string_view word(Overview::State state);
[[nodiscard]] Overview overview_of(const fs::path& cache, const Spec& spec);

// "3 min", "5 h", "2 days": rounded down, in the largest unit that fits.
[[nodiscard]] std::string format_age(std::int64_t seconds);

}  // namespace hangar::kernel
