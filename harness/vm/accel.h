// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/vm/machine_spec.h"

// Which accelerator a guest really boots under. /dev/kvm that opens, answers and creates a VM proves nothing:
// there are hosts where an ordinary kernel then ends in an emulation failure. So a kernel is booted.
namespace hangar::vm {

struct AccelRequest {
  fs::path kernel;         // the kernel to boot; a hang of the kernel counts as a boot once it prints
  std::string kernel_key;  // its digest: the answer is cached per host, QEMU and this
  fs::path initrd{};       // may be empty: the first console line is enough
  fs::path cache{};        // folder of accel.json; empty: ask again each time
  fs::path scratch;        // short path, for the trial's libvirt root and sockets; made and removed
  fs::path capabilities_cache{};
  std::string uri{};   // of libvirt on another host; empty: this host
  std::string host{};  // with `uri`: what the answer depends on there, its CPU and versions
};

struct AccelReport {
  Accel accel = Accel::tcg;
  std::string reason;  // one sentence: "KVM: a trial guest paused: emulation-failure"
  std::string detail;  // the trial's last console or QEMU lines; may be empty
  double probe_s = 0;  // what the trial took
  bool cached = false;
};

// Runs the trial in a separate guarded process, so it may be called beside an open Connection, but before
// threads hold locks: it forks.
[[nodiscard]] Result<AccelReport> probe_acceleration(const AccelRequest& request);

}  // namespace hangar::vm
