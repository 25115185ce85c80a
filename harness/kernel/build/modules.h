// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Which modules of a prebuilt kernel have to be loaded, and in which order. Pure: depmod's files come as
// text.
namespace hangar::kernel {

struct WantedModule {
  std::string name;       // "virtio_blk"
  bool optional = false;  // nothing is wrong when the kernel has it neither built in nor as a module
};

// What a guest needs before it can talk to us: the disk, the port to the host, the file system of the disk.
// ext4 asks for crc32c by the name of the algorithm, which no dependency shows.
[[nodiscard]] const std::vector<WantedModule>& guest_modules();

// "kernel/drivers/block/virtio_blk.ko.xz" is "virtio_blk"; modules are spoken of with underscores.
[[nodiscard]] std::string module_name(std::string_view path);

// Paths as in modules.dep, each after those that it depends on. `builtin` is modules.builtin: what is in
// there needs no loading. A user error names a wanted module that is in neither.
[[nodiscard]] Result<std::vector<std::string>> load_order(std::string_view modules_dep,
                                                          std::string_view builtin,
                                                          const std::vector<WantedModule>& wanted);

}  // namespace hangar::kernel
