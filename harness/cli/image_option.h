// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/scenario/image.h"

namespace hangar::cli {

// `--image` of the commands that boot guests: the root that the program runs in, over the scenario's.
void declare_image(Options& options, std::string& given);
// None: it was not given.
[[nodiscard]] Result<std::optional<scenario::ImageChoice>> image_of(const std::string& given);

}  // namespace hangar::cli
