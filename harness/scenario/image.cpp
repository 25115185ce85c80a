// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/image.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/base/yaml.h"

namespace hangar::scenario {
namespace {

constexpr std::size_t most_packages = 200;

// Debian Policy, 5.6.1. The names go onto the command line of mmdebstrap, and into apt's preferences.
bool is_package(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::size_t longest = 100;
  return name.size() >= 2 && name.size() <= longest && letters.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string_view::npos;
}

Result<void> take_packages(std::vector<std::string> names, ImageChoice& image) {
  if (names.size() > most_packages)
    return user_error(fmt::format("an image has at most {} packages", most_packages));
  for (const std::string& name : names) {
    if (!is_package(name))
      return user_error(fmt::format("`{}` is not the name of a Debian package", sanitize_for_terminal(name)));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  image.packages = std::move(names);
  return {};
}

Result<ImageChoice> unknown(std::string_view text) {
  return user_error(fmt::format(
      "unknown image `{}` (expected initramfs, debian, debian:PACKAGE[,PACKAGE]..., host or disk:FILE){}",
      sanitize_for_terminal(text), did_you_mean(std::string(text), all_words<ImageKind>())));
}

Result<ImageChoice> read_debian(const Yaml& yaml) {
  ImageChoice image{ImageKind::debian};
  TRY_ASSIGN(auto names, yaml.texts());
  auto taken = take_packages(std::move(names), image);
  if (!taken) return yaml.error(taken.error().message);
  return image;
}

Result<ImageChoice> read_disk(const Yaml& yaml, const fs::path& scenario_file) {
  ImageChoice image{ImageKind::disk};
  TRY_ASSIGN(const std::string file, yaml.text());
  if (file.empty()) return yaml.error("expected the file of a disk image");
  image.disk = (scenario_file.parent_path() / file).string();
  return image;
}

}  // namespace

Result<ImageChoice> parse_image(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  const bool more = colon != std::string_view::npos;
  const auto kind = from_word<ImageKind>(word);
  const std::string_view rest = more ? text.substr(colon + 1) : std::string_view();
  if (!kind || (more && (rest.empty() || *kind == ImageKind::initramfs || *kind == ImageKind::host)) ||
      (!more && *kind == ImageKind::disk))
    return unknown(text);
  ImageChoice image{*kind};
  if (*kind == ImageKind::disk) image.disk = rest;
  if (*kind == ImageKind::debian && more) {
    std::vector<std::string> names;
    for (const std::string_view name : split(rest, ',')) names.emplace_back(name);
    TRY(take_packages(std::move(names), image));
  }
  return image;
}

std::string to_text(const ImageChoice& image) {
  if (image.kind == ImageKind::disk) return "disk:" + image.disk;
  return to_string(image.kind) + (image.packages.empty() ? "" : ":" + join(image.packages, ","));
}

Result<ImageChoice> read_image(const Yaml& yaml, const fs::path& scenario_file) {
  Result<ImageChoice> image = ImageChoice();
  if (yaml.is_scalar()) {
    TRY_ASSIGN(const std::string word, yaml.one_of({"initramfs", "debian", "host"}));
    image = parse_image(word);
  } else {
    TRY(yaml.only_keys({"debian", "disk"}));
    const auto debian = yaml.get("debian");
    const auto disk = yaml.get("disk");
    if (!debian == !disk) return yaml.error("expected one of `debian: [PACKAGE]` and `disk: FILE`");
    image = debian ? read_debian(*debian) : read_disk(*disk, scenario_file);
  }
  if (image && image->kind == ImageKind::debian) {
    image->lock = (scenario_file.parent_path() / (scenario_file.stem().string() + ".image.lock")).string();
  }
  return image;
}

Result<void> check_command(std::string_view command) {
  if (trim(command).empty()) return user_error("expected a command");
  if (command.size() > most_command_bytes) {
    return user_error(
        fmt::format("a command has at most {} bytes: put it into a script, and give the script to --exec",
                    most_command_bytes));
  }
  const bool controls =
      std::any_of(command.begin(), command.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (controls) return user_error("a command is one line without control characters");
  return {};
}

}  // namespace hangar::scenario
