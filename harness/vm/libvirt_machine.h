// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/vm/domain_machine.h"
#include "harness/vm/libvirt_connection.h"
#include "harness/vm/listener.h"
#include "harness/vm/machine.h"

namespace hangar::vm {

// A guest on this host, whose channels are sockets and a pipe of ours.
class LibvirtMachine : public DomainMachine {
 public:
  LibvirtMachine(LibvirtConnection& connection, MachineSpec spec);
  ~LibvirtMachine() override;
  LibvirtMachine(const LibvirtMachine&) = delete;
  LibvirtMachine& operator=(const LibvirtMachine&) = delete;

  Result<void> start(bool paused) override;
  Result<void> restore(const fs::path& file, bool paused) override;
  Result<void> save(const fs::path& file) override;
  [[nodiscard]] Channels channels() const override;
  Result<void> send_console(std::string_view bytes) override;
  Result<void> send_agent(std::string_view bytes) override;
  Result<void> dump(const fs::path& file) override;
  Result<fs::path> open_gdb_stub() override;
  Result<void> destroy() override;

 private:
  struct Listeners;
  Result<Listeners> listen();
  Result<void> connect(Listeners& listeners);
  void look_at_qemu();
  Error start_error(const std::string& doing) const;
  [[nodiscard]] bool qemu_gone() const override;

  Fd console_;
  Fd agent_;
  Fd pulse_;
  Fd program_;
  Fd qemu_;  // pidfd
};

}  // namespace hangar::vm
