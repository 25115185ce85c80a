// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/sandbox/qemu_user.h"

// The folder below which libvirt's embedded QEMU driver keeps everything.
namespace hangar::vm {

// The text of etc/qemu.conf: no daemons, no cgroups or namespaces of libvirt's, the seccomp sandbox on.
[[nodiscard]] std::string qemu_conf(const std::optional<sandbox::QemuUser>& user);

// Makes the folder, its etc/qemu.conf, and copies what libvirt learned about QEMU earlier into it.
[[nodiscard]] Result<void> prepare_embed_root(const fs::path& root, const fs::path& capabilities_cache);
// Copies what libvirt learned about QEMU in `root` to the cache, for the next process. Failing does no harm.
void keep_capabilities(const fs::path& root, const fs::path& capabilities_cache);

}  // namespace hangar::vm
