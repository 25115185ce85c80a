// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Versions of kernels and programs.
namespace hangar {

using Version = std::vector<int>;  // 6.1.192 is {6, 1, 192}

// The leading numbers of "6.1.192-2" or "7.2-rc3"; empty when there are none.
[[nodiscard]] Version parse_version(std::string_view text);

// {6, 1, 192} is "6.1.192".
[[nodiscard]] std::string dotted(const Version& version);

}  // namespace hangar
