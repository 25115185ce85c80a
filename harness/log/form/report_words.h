// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

namespace hangar::log {

/// The text has words of a report, or may have them: they are not a prefix that all lines share.
[[nodiscard]] bool may_be_of_report(std::string_view text);

}  // namespace hangar::log
