// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/apt.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

// "linux-source-7.2 (= 7.2.13-1), make | gmake" -> {"linux-source-7.2", "make"}
std::vector<std::string> dependency_names(std::string_view field) {
  std::vector<std::string> names;
  for (const std::string_view item : split(field, ',')) {
    const std::string_view first = trim(item);
    const std::string_view name = first.substr(0, first.find_first_of(" (|:"));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

void take_field(DebianPackage& package, std::string_view key, std::string_view value) {
  if (key == "Package") package.name = value;
  if (key == "Version") package.version = value;
  if (key == "Filename") package.filename = value;
  if (key == "SHA256") package.sha256 = value;
  if (key == "Depends") package.depends = dependency_names(value);
}

bool has_security_archive(const std::string& suite) {
  return suite != "sid" && suite != "unstable" && suite != "experimental";
}

std::string stanza(const std::string& uri, const std::string& suite, const std::string& keyring) {
  return fmt::format("Types: deb\nURIs: {}\nSuites: {}\nComponents: main\nSigned-By: {}\n\n", uri, suite,
                     keyring);
}

// apt's own words about what went wrong: its E: lines, and what is below an Err: line.
std::string complaints(std::string_view output) {
  std::vector<std::string> lines;
  bool below_error = false;
  for (const std::string_view line : split(output, '\n')) {
    const bool error = line.substr(0, 4) == "Err:";
    if (error || line.substr(0, 3) == "E: " || (below_error && line.substr(0, 2) == "  "))
      lines.push_back(sanitize_for_terminal(trim(line)));
    below_error = error;
  }
  return join(lines, "\n");
}

}  // namespace

std::vector<DebianPackage> parse_packages(std::string_view stanzas) {
  std::vector<DebianPackage> packages;
  DebianPackage package;
  const auto finish = [&] {
    if (!package.name.empty()) packages.push_back(std::move(package));
    package = {};
  };
  for (const std::string_view line : split(stanzas, '\n')) {
    if (line.empty()) {
      finish();
      continue;
    }
    const size_t colon = line.find(':');
    if (line[0] == ' ' || colon == std::string_view::npos) continue;  // continues the field before it
    take_field(package, line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  finish();
  return packages;
}

std::vector<std::string> parse_names(std::string_view search) {
  std::vector<std::string> names;
  for (const std::string_view line : split(search, '\n')) {
    const size_t end = line.find(" - ");
    if (end != std::string_view::npos) names.emplace_back(line.substr(0, end));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Mirrors parse_mirrors(std::string_view indextargets) {
  Mirrors mirrors;
  for (const std::string_view line : split(indextargets, '\n')) {
    const auto parts = split(line, '|');
    if (parts.size() != 3 || parts[0] != "Debian" || parts[2].empty()) continue;
    std::string uri(parts[2]);
    while (!uri.empty() && uri.back() == '/') uri.pop_back();
    if (parts[1] == "Debian" && mirrors.main.empty()) mirrors.main = uri;
    if (parts[1] == "Debian-Security" && mirrors.security.empty()) mirrors.security = uri;
  }
  if (mirrors.security.empty() && !mirrors.main.empty()) mirrors.security = mirrors.main + "-security";
  return mirrors;
}

std::string sources_text(const std::string& suite, const Mirrors& mirrors, const std::string& keyring) {
  std::string text = stanza(mirrors.main, suite, keyring);
  if (has_security_archive(suite)) text += stanza(mirrors.security, suite + "-security", keyring);
  return text;
}

Error update_failure(const std::string& suite, std::string_view output) {
  const auto says = [&](std::string_view words) { return output.find(words) != std::string_view::npos; };
  const std::string detail = complaints(output);
  if (says("does not have a Release file") || says("no longer has a Release file")) {
    return unavailable_error(
        fmt::format("Debian's suite {} is not on the mirror; a suite is moved after its end of life", suite),
        detail);
  }
  if (says("NO_PUBKEY") || says("is not signed") || says("EXPKEYSIG") || says("BADSIG") ||
      says("KEYEXPIRED")) {
    return unavailable_error(fmt::format("Debian's suite {} is not signed by a known key: the package "
                                         "debian-archive-keyring may be too old",
                                         suite),
                             detail);
  }
  if (says("is expired") || says("is not valid yet")) {
    return unavailable_error(
        fmt::format(
            "the package lists of Debian's suite {} are expired: the suite is no longer maintained, or this "
            "machine's clock is wrong",
            suite),
        detail);
  }
  return infra_error(
      fmt::format("cannot fetch the package lists of Debian's suite {}: check the network", suite), detail);
}

}  // namespace hangar::kernel
