// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hangar::guest {

// The bytes of a base64 text (RFC 4648, with padding). Nothing if it is not one.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hangar::guest
