// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/vm/end_watch.h"
#include "harness/vm/libvirt_connection.h"
#include "harness/vm/listener.h"
#include "harness/vm/machine.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// A guest under libvirt and QEMU: a transient domain, so that nothing is left behind when it ends.
class LibvirtMachine : public Machine {
 public:
  LibvirtMachine(LibvirtConnection& connection, MachineSpec spec);
  ~LibvirtMachine() override;
  LibvirtMachine(const LibvirtMachine&) = delete;
  LibvirtMachine& operator=(const LibvirtMachine&) = delete;

  Result<void> start(bool paused) override;
  Result<void> restore(const fs::path& file, bool paused) override;
  Result<void> save(const fs::path& file) override;
  [[nodiscard]] Channels channels() const override;
  [[nodiscard]] const MachineRecord& record() const override { return record_; }
  Result<MachineState> state() override;
  Result<void> send_console(std::string_view bytes) override;
  Result<void> send_agent(std::string_view bytes) override;
  Result<void> send_break() override;
  Result<void> send_nmi() override;
  Result<void> pause() override;
  Result<void> resume() override;
  Result<std::vector<VcpuSample>> sample_vcpus() override;
  Result<std::string> peek(std::uint64_t physical, size_t bytes) override;
  Result<void> dump(const fs::path& file) override;
  Result<fs::path> open_gdb_stub() override;
  Result<void> destroy() override;

 private:
  struct Listeners;
  Result<Listeners> listen();
  Result<void> connect(Listeners& listeners);
  void look_at_qemu();
  Error start_error(const std::string& doing) const;
  [[nodiscard]] bool qemu_gone() const;
  Result<virDomain*> live() const;
  Result<MachineState> ask_libvirt() const;

  LibvirtConnection& connection_;
  MachineSpec spec_;
  MachineRecord record_;
  std::unique_ptr<EndWatch> watch_;
  DomainHandle domain_;
  Fd console_;
  Fd agent_;
  Fd pulse_;
  Fd program_;
  Fd qemu_;  // pidfd
  bool destroyed_ = false;
};

}  // namespace hangar::vm
