// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/debian_lock.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::image {
namespace {

constexpr std::string_view asked = "# packages:";

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

std::string_view value_of(std::string_view stanza, std::string_view field) {
  for (const std::string_view line : split(stanza, '\n')) {
    if (line.starts_with(field)) return trim(line.substr(field.size()));
  }
  return {};
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) out.emplace_back(word);
  }
  return out;
}

}  // namespace

Result<DebianLock> parse_lock(std::string_view text) {
  DebianLock lock;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.starts_with(asked)) lock.packages = words(line.substr(asked.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto parts = split(line, ' ');
    if (parts.size() != 2 || !is_word(parts[0]) || !is_word(parts[1])) {
      return user_error(fmt::format("line {}: expected a package and its version, not `{}`", number,
                                    sanitize_for_terminal(line)));
    }
    lock.versions[std::string(parts[0])] = parts[1];
  }
  return lock;
}

std::string to_text(const DebianLock& lock) {
  std::string text = "# Written by hangar: the versions of the packages of an image.\n";
  text += fmt::format("{}{}{}\n", asked, lock.packages.empty() ? "" : " ", join(lock.packages, " "));
  for (const auto& [package, version] : lock.versions) text += package + " " + version + "\n";
  return text;
}

Versions parse_status(std::string_view status) {
  Versions versions;
  while (!status.empty()) {
    const std::size_t end = std::min(status.find("\n\n"), status.size());
    const std::string_view stanza = status.substr(0, end);
    status.remove_prefix(std::min(end + 2, status.size()));
    const std::string_view name = value_of(stanza, "Package:");
    const std::string_view version = value_of(stanza, "Version:");
    if (is_word(name) && is_word(version) && value_of(stanza, "Status:").ends_with(" installed"))
      versions[std::string(name)] = version;
  }
  return versions;
}

std::string preferences(const Versions& versions) {
  std::string text;
  for (const auto& [package, version] : versions)
    text += fmt::format("Package: {}\nPin: version {}\nPin-Priority: 1001\n\n", package, version);
  return text;
}

std::vector<std::string> differences(const Versions& before, const Versions& now) {
  std::vector<std::string> out;
  for (const auto& [package, version] : before) {
    const auto found = now.find(package);
    if (found == now.end()) {
      out.push_back(fmt::format("{} {} is no longer installed", package, version));
    } else if (found->second != version) {
      out.push_back(fmt::format("{} {} is now {}", package, version, found->second));
    }
  }
  for (const auto& [package, version] : now) {
    if (before.count(package) == 0) out.push_back(fmt::format("{} {} is new", package, version));
  }
  return out;
}

}  // namespace hangar::image
