// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/facts.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar {
class Yaml;
}

// The root that a program runs in, as a scenario or a command line chooses it.
namespace hangar::scenario {

using hangar::to_string;

struct ImageChoice {
  ImageKind kind = ImageKind::initramfs;
  std::vector<std::string> packages = {};  // of Debian, sorted, each once
  std::string disk = {};                   // the file of a disk image
  std::string lock = {};                   // the file that pins the packages' versions; empty: Hangar's own
  [[nodiscard]] bool operator==(const ImageChoice&) const = default;
};

// The form of an option: initramfs, debian, debian:PACKAGE[,PACKAGE]..., host, disk:FILE.
[[nodiscard]] Result<ImageChoice> parse_image(std::string_view text);
[[nodiscard]] std::string to_text(const ImageChoice& image);

// The key `image` of a scenario: a word, {debian: [PACKAGE]...} or {disk: FILE}. A file is relative to the
// scenario's folder.
[[nodiscard]] Result<ImageChoice> read_image(const Yaml& yaml, const fs::path& scenario_file);

// What a step or a reproducer has in place of `program`: a command for the shell of the image.
inline constexpr std::size_t most_command_bytes = 1700;  // images/guest/init.c: serve()
[[nodiscard]] Result<void> check_command(std::string_view command);

}  // namespace hangar::scenario
