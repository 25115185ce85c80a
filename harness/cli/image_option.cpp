// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/image_option.h"

namespace hangar::cli {

void declare_image(Options& options, std::string& given) {
  options.value("--image", given,
                "root that the program runs in (default: from the scenario; `hangar help images`)",
                "initramfs|debian[:PACKAGE,...]|host|disk:FILE");
}

Result<std::optional<scenario::ImageChoice>> image_of(const std::string& given) {
  if (given.empty()) return std::optional<scenario::ImageChoice>();
  auto image = scenario::parse_image(given);
  if (!image) return std::move(image).error().within("--image");
  return std::optional(std::move(*image));
}

}  // namespace hangar::cli
