// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/cli/options.h"

// The help of a command, made from its own options: `hangar COMMAND -h`, and the sections Usage and Options
// of the page that `hangar help COMMAND` shows. So the two cannot differ.
namespace hangar::cli {

// "hangar log [OPTIONS] FILE|RUN ..."
[[nodiscard]] std::string usage_line(const CommandInfo& command);

// What `hangar COMMAND -h` prints, at 80 columns.
[[nodiscard]] std::string help_text(const CommandInfo& command);

// The Markdown page with its lines `<!-- usage -->` and `<!-- options -->` replaced by code blocks.
[[nodiscard]] std::string fill_page(std::string_view markdown, const CommandInfo& command);

}  // namespace hangar::cli
