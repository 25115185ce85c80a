// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// What libvirt reports of the host of a daemon.
struct HostFacts {
  std::string versions;  // Connection::versions()
  std::string cpu;       // vendor and model of its CPU in libvirt's words; "": not known
  bool kvm = false;      // libvirt offers KVM for x86-64; whether a kernel runs under it takes a trial
  int cpus = 1;
  std::uint64_t free_bytes = 0;  // memory, with what caches can give back
};

// Connects to `uri` for that.
[[nodiscard]] Result<HostFacts> look_at_host(const std::string& uri);
// HostFacts::cpu, by libvirt's capabilities (XML).
[[nodiscard]] std::string cpu_in(const std::string& capabilities);

}  // namespace hangar::vm
