// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/result.h"
#include "harness/verdict/expectation.h"

namespace hangar {
class Yaml;
}

namespace hangar::scenario {

// One item of a scenario's `expect:` list.
[[nodiscard]] Result<verdict::ExpectationGroup> read_expectations(const Yaml& yaml);

}  // namespace hangar::scenario
