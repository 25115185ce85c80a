// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string_view>

#include "harness/vm/domain_machine.h"
#include "harness/vm/stream_pump.h"

namespace hangar::vm {

// A guest on another host. Its files are volumes there, and its channels libvirt's streams. It cannot be
// saved, restored or dumped: these write files on the other host.
class RemoteMachine : public DomainMachine {
 public:
  RemoteMachine(LibvirtConnection& connection, MachineSpec spec);
  ~RemoteMachine() override;
  RemoteMachine(const RemoteMachine&) = delete;
  RemoteMachine& operator=(const RemoteMachine&) = delete;

  Result<void> start(bool paused) override;
  Result<void> restore(const fs::path& file, bool paused) override;
  Result<void> save(const fs::path& file) override;
  [[nodiscard]] Channels channels() const override;
  Result<MachineState> state() override;
  Result<std::optional<HostUse>> host_use() override;
  Result<void> send_console(std::string_view bytes) override;
  Result<void> send_agent(std::string_view bytes) override;
  Result<void> dump(const fs::path& file) override;
  Result<fs::path> open_gdb_stub() override;
  Result<void> destroy() override;

 private:
  Result<void> put_files();
  Result<void> attach();
  Result<std::unique_ptr<StreamPump>> attach_serial(const std::string& alias);
  void remove_disks(virConnect* connection) const;
  Result<void> clean_up_again();
  [[nodiscard]] Error lost_error() const;
  [[nodiscard]] Error not_there(const char* what) const;

  std::unique_ptr<StreamPump> console_;
  std::unique_ptr<StreamPump> agent_;
  std::unique_ptr<StreamPump> pulse_;
  std::unique_ptr<StreamPump> program_;
};

}  // namespace hangar::vm
