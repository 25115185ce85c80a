// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

// The script and the style sheet of the HTML report. The build makes both from page/ and from the packages
// that package-lock.json names (page/build.mjs).
namespace hangar::report {

extern const std::string_view page_script;
extern const std::string_view page_style;

}  // namespace hangar::report
