// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"
#include "harness/vm/machine_spec.h"

// A MachineSpec in libvirt's words. Pure: no libvirt is asked.
namespace hangar::vm {

// Unix sockets on which we listen and QEMU connects: so no byte is lost, none is doubled, and each has a
// time of arrival.
struct ChannelPaths {
  std::filesystem::path console;
  std::filesystem::path agent;
  std::filesystem::path pulse;
};

[[nodiscard]] ChannelPaths channel_paths(const std::filesystem::path& run_folder);

// libvirt's names of the devices that QMP commands address.
inline constexpr auto console_chardev = "charserial0";

[[nodiscard]] Result<void> check_spec(const MachineSpec& spec);
[[nodiscard]] std::string domain_xml(const MachineSpec& spec);

}  // namespace hangar::vm
