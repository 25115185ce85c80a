// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/embed_root.h"

#include <system_error>

#include <fmt/format.h>

#include "harness/base/files.h"

namespace hangar::vm {
namespace {

// Below the root and below our cache alike.
constexpr auto capabilities_folder = "cache/qemu/capabilities";

}  // namespace

std::string qemu_conf(const std::optional<sandbox::QemuUser>& user) {
  std::string text =
      "stdio_handler = \"file\"\n"  // else it wants virtlogd
      "security_driver = \"none\"\n"
      "cgroup_controllers = []\n"
      "namespaces = []\n"
      "remember_owner = 0\n"
      "seccomp_sandbox = 1\n"
      "keepalive_interval = -1\n"
      "max_core = 0\n";
  if (user) text += fmt::format("user = \"{}\"\ngroup = \"{}\"\n", user->user, user->group);
  return text;
}

Result<void> prepare_embed_root(const fs::path& root, const fs::path& capabilities_cache) {
  TRY(fs::create_directories(root / "etc"));
  TRY(write_file(root / "etc/qemu.conf", qemu_conf(sandbox::qemu_user())));
  if (capabilities_cache.empty()) return {};
  TRY(fs::create_directories(root / capabilities_folder));
  // A missing cache only costs time.
  (void)fs::copy_missing(capabilities_cache, root / capabilities_folder);
  return {};
}

void keep_capabilities(const fs::path& root, const fs::path& capabilities_cache) {
  if (capabilities_cache.empty() || !fs::create_directories(capabilities_cache)) return;
  for (const auto& entry : fs::list_or_empty(root / capabilities_folder)) {
    const auto text = read_file(entry.path());
    if (!text) continue;
    const fs::path kept = capabilities_cache / entry.path().filename();
    const auto old = read_file(kept);
    if (!old || *old != *text) (void)write_file(kept, *text);
  }
}

}  // namespace hangar::vm
