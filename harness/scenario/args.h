// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace hangar {
class Yaml;
}

namespace hangar::scenario {

// The key `args` of a reproducer or of a study's setting: `name: value` pairs in the file's order; none when
// it is not there.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> read_args(const Yaml& yaml);

}  // namespace hangar::scenario
