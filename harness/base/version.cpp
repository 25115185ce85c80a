// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/version.h"

#include <charconv>

#include "harness/base/text.h"

namespace hangar {

Version parse_version(std::string_view text) {
  Version version;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    int number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0) break;
    version.push_back(number);
    if (after == end || *after != '.') break;
    at = after + 1;
  }
  return version;
}

std::string dotted(const Version& version) {
  std::vector<std::string> parts;
  parts.reserve(version.size());
  for (const int part : version) parts.push_back(std::to_string(part));
  return join(parts, ".");
}

}  // namespace hangar
