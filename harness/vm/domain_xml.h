// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/sandbox/qemu_user.h"
#include "harness/vm/machine_spec.h"

// A MachineSpec in libvirt's words. Pure: no libvirt is asked.
namespace hangar::vm {

// Unix sockets on which we listen and QEMU connects, and for the pulse a Fifo: so no byte is lost, none is
// doubled, and each has a time of arrival.
struct ChannelPaths {
  fs::path console;
  fs::path agent;
  fs::path pulse;
  fs::path program;  // of a machine with a root
};

[[nodiscard]] ChannelPaths channel_paths(const fs::path& run_folder);

// libvirt's names of the devices that QMP commands address.
inline constexpr auto console_chardev = "charserial0";

[[nodiscard]] Result<void> check_spec(const MachineSpec& spec);
// QEMU runs as `user`, and libvirt gives no file to it: what the machine reads may be the cache's, and in use
// by other guests. None: libvirt has no security model that could (an ordinary user's).
[[nodiscard]] std::string domain_xml(const MachineSpec& spec,
                                     const std::optional<sandbox::QemuUser>& user = {});

}  // namespace hangar::vm
