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

// How the channels reach us: by paths on this host, or by libvirt's streams from another. libvirt opens a
// stream of a serial port only if it is a PTY, and one of a channel only if it is a unix socket.
enum class ChannelKind { paths, streams };

// The aliases that libvirt gives to the devices, by which it opens streams.
struct ChannelAliases {
  std::string console;
  std::string agent;
  std::string pulse;
  std::string program;  // empty: the machine has no root
};

[[nodiscard]] ChannelAliases channel_aliases(const MachineSpec& spec);

[[nodiscard]] Result<void> check_spec(const MachineSpec& spec);
// QEMU runs as `user`, and libvirt gives no file to it: what the machine reads may be the cache's, and in use
// by other guests. None: libvirt has no security model that could (an ordinary user's).
[[nodiscard]] std::string domain_xml(const MachineSpec& spec,
                                     const std::optional<sandbox::QemuUser>& user = {},
                                     ChannelKind channels = ChannelKind::paths);

}  // namespace hangar::vm
