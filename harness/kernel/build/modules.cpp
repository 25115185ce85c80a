// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/modules.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

class Loader {
 public:
  explicit Loader(std::string_view modules_dep) {
    for (const std::string_view line : split(modules_dep, '\n')) {
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string path(trim(line.substr(0, colon)));
      paths_[module_name(path)] = path;
      for (const std::string_view word : split(line.substr(colon + 1), ' '))
        if (!trim(word).empty()) needs_[path].emplace_back(trim(word));
    }
  }

  [[nodiscard]] bool knows(const std::string& name) const { return paths_.count(name) != 0; }
  void load(const std::string& name) { load_path(paths_.at(name)); }
  [[nodiscard]] std::vector<std::string> order() && { return std::move(order_); }

 private:
  void load_path(const std::string& path) {
    if (!seen_.insert(path).second) return;
    for (const std::string& needed : needs_[path]) load_path(needed);
    order_.push_back(path);
  }

  std::map<std::string, std::string> paths_;
  std::map<std::string, std::vector<std::string>> needs_;
  std::set<std::string> seen_;
  std::vector<std::string> order_;
};

}  // namespace

const std::vector<WantedModule>& guest_modules() {
  static const std::vector<WantedModule> wanted = {
      {"virtio_pci"}, {"virtio_blk"}, {"virtio_console"}, {"crc32c_generic", true}, {"ext4"},
  };
  return wanted;
}

std::string module_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  name = name.substr(0, name.find(".ko"));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Result<std::vector<std::string>> load_order(std::string_view modules_dep, std::string_view builtin,
                                            const std::vector<WantedModule>& wanted) {
  std::set<std::string> built_in;
  for (const std::string_view line : split(builtin, '\n')) built_in.insert(module_name(trim(line)));
  Loader loader(modules_dep);
  for (const WantedModule& module : wanted) {
    if (built_in.count(module.name) != 0) continue;
    if (loader.knows(module.name)) {
      loader.load(module.name);
    } else if (!module.optional) {
      return user_error(
          fmt::format("this kernel lacks {} (built in or as a module), which a guest needs", module.name));
    }
  }
  return std::move(loader).order();
}

}  // namespace hangar::kernel
