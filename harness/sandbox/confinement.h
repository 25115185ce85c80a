// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

// What holds a QEMU process, read from the process itself: reproducers are untrusted code, and a guest that
// breaks out must find little.
namespace hangar::sandbox {

struct Confinement {
  std::string user;                      // name of its effective user; "" when the process cannot be seen
  bool seccomp = false;                  // a seccomp filter is on
  std::uint64_t memory_limit_bytes = 0;  // of its address space; 0: none
};

// Limits the process's address space to what it has now (the guest's memory and QEMU's own are mapped when it
// has started) plus 4 GiB, and reports what else confines it. Of a process that is not visible nothing is
// known.
[[nodiscard]] Confinement confine(int pid);

// "user libvirt-qemu, seccomp on, address space limited to 2345 MiB, no network"
[[nodiscard]] std::string to_text(const Confinement& confinement);

}  // namespace hangar::sandbox
