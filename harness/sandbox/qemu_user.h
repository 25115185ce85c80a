// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar::sandbox {

// The user that QEMU runs as if Hangar is root: libvirt's own user if its package made one, else
// the user nobody.
struct QemuUser {
  unsigned uid = 0;
  unsigned gid = 0;
  std::string user;
  std::string group;
};

// Nothing when we are not root: QEMU then runs as we do.
[[nodiscard]] std::optional<QemuUser> qemu_user();

// So that QEMU may open `path`; nothing without a user.
[[nodiscard]] Result<void> give(const fs::path& path, const std::optional<QemuUser>& user);

}  // namespace hangar::sandbox
