// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/configure.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/kernel/config/kconfig.h"

namespace hangar::kernel {
namespace {

bool touches_kconfig(const std::vector<std::string>& touched) {
  return std::any_of(touched.begin(), touched.end(), [](const std::string& path) {
    return path.find("Kconfig") != std::string::npos || path.find(".config") != std::string::npos ||
           path.find("scripts/") == 0;
  });
}

// Whether the .config that came with the base's objects is what we would make again.
bool inherits_config(const Slot& slot, const Slot* base) {
  return base != nullptr && base->config == slot.config && base->source == slot.source &&
         !touches_kconfig(slot.touched) && !touches_kconfig(base->touched);
}

Result<void> make_config(const fs::path& path, const Inputs& inputs, Make& make) {
  struct stat before = {};
  const bool had = ::stat(path.c_str(), &before) == 0;
  std::string old;
  if (had) {
    TRY_ASSIGN(old, read_file(path));
  }
  make.targets = {"tinyconfig"};
  TRY(run_make(make));
  TRY_ASSIGN(const std::string tiny, read_file(path));
  TRY(write_file(path, merge_config(tiny, inputs.config)));
  make.targets = {"olddefconfig"};
  TRY(run_make(make));
  TRY_ASSIGN(const std::string now, read_file(path));
  if (!had || now != old) return {};
  const timespec times[2] = {before.st_atim, before.st_mtim};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0)
    return errno_error("cannot set the time of " + path.string());
  return {};
}

}  // namespace

Error refusal_error(const std::vector<Refusal>& refusals, const Config& granted, const Kconfig& kconfig,
                    const std::string& label) {
  std::vector<std::string> lines;
  lines.reserve(refusals.size());
  for (const auto& refusal : refusals) {
    lines.push_back(fmt::format("CONFIG_{}={} (fragment {}) became {}: {}", refusal.symbol, refusal.asked,
                                refusal.fragment, refusal.granted, explain(kconfig, refusal, granted)));
  }
  return user_error(fmt::format("{} does not accept {} of its fragments", label,
                                lines.size() == 1 ? "a symbol" : fmt::format("{} symbols", lines.size())),
                    join(lines, "\n"));
}

Result<void> configure(const Slot& slot, const Inputs& inputs, const Slot* base, Make make) {
  const fs::path path = slot.path / "src/obj/.config";
  if (!inherits_config(slot, base)) TRY(make_config(path, inputs, make));
  TRY_ASSIGN(const std::string text, read_file(path));
  TRY_ASSIGN(const Config granted, parse_config(text, path.string()));
  const auto refusals = refused(inputs.config, granted);
  if (refusals.empty()) return {};
  return refusal_error(refusals, granted, read_kconfig(slot.path / "src"), inputs.tree.label);
}

}  // namespace hangar::kernel
