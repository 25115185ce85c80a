// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/kernel/spec/spec.h"

// What two kernel specs differ in besides their configurations.
namespace hangar::kernel {

struct SpecChange {
  std::string what;  // source, patches or command line
  std::string a;     // "-" for none
  std::string b;
};

[[nodiscard]] std::vector<SpecChange> diff_specs(const Spec& a, const Spec& b);

}  // namespace hangar::kernel
