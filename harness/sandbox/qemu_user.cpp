// SPDX-License-Identifier: GPL-2.0-only
#include "harness/sandbox/qemu_user.h"

#include <array>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace hangar::sandbox {

std::optional<QemuUser> qemu_user() {
  if (geteuid() != 0) return std::nullopt;
  for (const char* name : std::array{"libvirt-qemu", "nobody"}) {
    const passwd* entry = getpwnam(name);
    if (entry == nullptr) continue;
    const group* primary = getgrgid(entry->pw_gid);
    return QemuUser{entry->pw_uid, entry->pw_gid, name,
                    primary != nullptr ? primary->gr_name : std::to_string(entry->pw_gid)};
  }
  return QemuUser{0, 0, "root", "root"};
}

Result<void> give(const fs::path& path, const std::optional<QemuUser>& user) {
  if (!user || chown(path.c_str(), user->uid, user->gid) == 0) return {};
  return errno_error("giving " + path.string() + " to QEMU's user");
}

}  // namespace hangar::sandbox
