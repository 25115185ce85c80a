// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/kernel_name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "harness/base/fs.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

// The specs that were files before names composed.
constexpr std::array<std::pair<std::string_view, std::string_view>, 23> old_names = {{
    {"newest-memcg", "newest+memcg"},
    {"newest-swap", "newest+swap"},
    {"v5.10-memcg", "v5.10+memcg"},
    {"v5.10-swap", "v5.10+swap"},
    {"v6.1-debuginfo", "v6.1+debuginfo"},
    {"v6.1-kcore", "v6.1+kcore"},
    {"v6.1-memcg", "v6.1+memcg"},
    {"v6.1-oom-2015-memcg", "v6.1-oom-2015+memcg"},
    {"v6.1-oom-2015-swap", "v6.1-oom-2015+swap"},
    {"v6.1-oom-2015-xfs", "v6.1-oom-2015+xfs"},
    {"v6.1-oom-off-memcg", "v6.1-oom-off+memcg"},
    {"v6.1-oom-off-swap", "v6.1-oom-off+swap"},
    {"v6.1-oom-timeout-memcg", "v6.1-oom-timeout+memcg"},
    {"v6.1-oom-timeout-swap", "v6.1-oom-timeout+swap"},
    {"v6.1-oom-unmap-memcg", "v6.1-oom-unmap+memcg"},
    {"v6.1-oom-unmap-swap", "v6.1-oom-unmap+swap"},
    {"v6.1-page-type-slab", "v6.1-page-type+slab"},
    {"v6.1-page-type-slub-only-slab", "v6.1-page-type-slub-only+slab"},
    {"v6.1-page-type-smem-offset-slab", "v6.1-page-type-smem-offset+slab"},
    {"v6.1-slab", "v6.1+kcore+slab"},
    {"v6.1-swap", "v6.1+swap"},
    {"v6.12-memcg", "v6.12+memcg"},
    {"v6.12-swap", "v6.12+swap"},
}};

// npos: all of it.
size_t end_of_base(const std::string& name) {
  const size_t first = name.find('+');
  if (first < name.find('/')) return first;
  for (size_t end = name.size(); end > 0 && end != std::string::npos; end = name.rfind('+', end - 1)) {
    if (fs::exists(name.substr(0, end))) return end;
  }
  return first;
}

}  // namespace

KernelName split_kernel_name(const std::string& name) {
  const size_t end = end_of_base(name);
  KernelName parts{name.substr(0, end), {}};
  if (end >= name.size()) return parts;
  for (const std::string_view part : split(std::string_view(name).substr(end + 1), '+'))
    parts.parts.emplace_back(part);
  return parts;
}

std::string current_kernel_name(const std::string& name) {
  const size_t end = std::min(name.find('+'), name.size());
  const auto old = std::find_if(old_names.begin(), old_names.end(), [&](const auto& entry) {
    return entry.first == std::string_view(name).substr(0, end);
  });
  return old == old_names.end() ? name : std::string(old->second) + name.substr(end);
}

std::vector<std::string> shorter_kernel_names(std::string_view name) {
  std::vector<std::string> shorter;
  for (size_t end = name.rfind('+'); end != std::string_view::npos && end > 0; end = name.rfind('+', end - 1))
    shorter.emplace_back(name.substr(0, end));
  return shorter;
}

}  // namespace hangar
