// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/vm/end_watch.h"
#include "harness/vm/libvirt_connection.h"
#include "harness/vm/machine.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// What a guest under libvirt does in the same way on this host and on another: libvirt's calls and QEMU's
// monitor. A transient domain, so that nothing is left behind when it ends.
class DomainMachine : public Machine {
 public:
  ~DomainMachine() override = default;
  DomainMachine(const DomainMachine&) = delete;
  DomainMachine& operator=(const DomainMachine&) = delete;

  [[nodiscard]] const MachineRecord& record() const override { return record_; }
  Result<MachineState> state() override;
  Result<void> send_break() override;
  Result<void> send_nmi() override;
  Result<void> pause() override;
  Result<void> resume() override;
  Result<std::vector<VcpuSample>> sample_vcpus() override;
  Result<std::string> peek(std::uint64_t physical, size_t bytes) override;

 protected:
  DomainMachine(LibvirtConnection& connection, MachineSpec spec);
  // QEMU's process has ended, even if libvirt has not noticed it.
  [[nodiscard]] virtual bool qemu_gone() const { return false; }
  // The domain, if it can be asked for something.
  [[nodiscard]] Result<virDomain*> live() const;
  // Waits for libvirt's event of the end, and begins to listen for that of a new domain.
  Result<void> watch_ends();
  // Ends the domain by libvirt.
  Result<void> destroy_domain();

  LibvirtConnection& connection_;
  MachineSpec spec_;
  MachineRecord record_;
  std::unique_ptr<EndWatch> watch_;
  DomainHandle domain_;
  bool destroyed_ = false;

 private:
  [[nodiscard]] Result<MachineState> ask_libvirt() const;
};

}  // namespace hangar::vm
