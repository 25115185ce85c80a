// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace hangar::vm {

// Domains of Hangar are known by this beginning of their names, also to the Hangar of another host.
inline constexpr std::string_view domain_prefix = "hangar-";

[[nodiscard]] inline std::string domain_name(std::string_view id) {
  return std::string(domain_prefix).append(id);
}

}  // namespace hangar::vm
