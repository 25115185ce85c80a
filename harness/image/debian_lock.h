// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Which versions of Debian's packages an image has: what dpkg lists, the lock file, and apt's preferences.
// Nothing here runs a program.
namespace hangar::image {

using Versions = std::map<std::string, std::string>;  // by package

struct DebianLock {
  std::vector<std::string> packages;  // that were asked for
  Versions versions;                  // of all packages of the image
};

// Lines "package version", after "# packages: a b". Another line is an error.
[[nodiscard]] Result<DebianLock> parse_lock(std::string_view text);
[[nodiscard]] std::string to_text(const DebianLock& lock);

// The installed packages of /var/lib/dpkg/status.
[[nodiscard]] Versions parse_status(std::string_view status);

// A preference for each version: apt installs it if the mirror has it, even in place of a newer one.
[[nodiscard]] std::string preferences(const Versions& versions);

// "a 1 is now 2", "b 1 is no longer installed", "c 1 is new".
[[nodiscard]] std::vector<std::string> differences(const Versions& before, const Versions& now);

}  // namespace hangar::image
