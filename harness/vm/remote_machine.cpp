// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/remote_machine.h"

#include <chrono>

#include <fmt/format.h>
#include <libvirt/libvirt.h>

#include "harness/base/cancel.h"
#include "harness/vm/domain_xml.h"
#include "harness/vm/host_facts.h"
#include "harness/vm/libvirt_error.h"
#include "harness/vm/node_stats.h"
#include "harness/vm/remote_files.h"
#include "harness/vm/remote_uri.h"

namespace hangar::vm {
namespace {

constexpr std::chrono::milliseconds reader_deadline{2000};
constexpr std::chrono::seconds again_deadline{10};
constexpr std::chrono::milliseconds again_every{500};

std::string disk_name(const MachineSpec& spec) {
  return "run-" + spec.name + ".img";
}
std::string root_name(const MachineSpec& spec) {
  return "run-" + spec.name + ".qcow2";
}

virConnect* open_again(const std::string& uri) {
  const auto until = std::chrono::steady_clock::now() + again_deadline;
  virConnect* connection = virConnectOpen(uri.c_str());
  while (connection == nullptr && std::chrono::steady_clock::now() < until && !Cancel::wait(again_every))
    connection = virConnectOpen(uri.c_str());
  return connection;
}

int fd_of(const std::unique_ptr<StreamPump>& pump) {
  return pump ? pump->fd() : -1;
}

}  // namespace

RemoteMachine::RemoteMachine(LibvirtConnection& connection, MachineSpec spec)
    : DomainMachine(connection, std::move(spec)) {
  record_.host_cpu = cpu_in(connection_.capabilities());
}

RemoteMachine::~RemoteMachine() {
  (void)RemoteMachine::destroy();
}

Result<void> RemoteMachine::start(bool paused) {
  TRY(watch_ends());
  TRY(put_files());
  // Paused in any case: what a guest prints before its streams are open is lost.
  domain_.reset(virDomainCreateXML(connection_.handle(), domain_xml(spec_, {}, ChannelKind::streams).c_str(),
                                   VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY));
  if (!domain_) return libvirt_error(fmt::format("starting QEMU at {}", connection_.uri()));
  TRY(attach());
  record_.domain_xml = take_text(virDomainGetXMLDesc(domain_.get(), 0));
  return paused ? Result<void>() : resume();
}

Result<void> RemoteMachine::put_files() {
  if (spec_.root == Root::host) return not_there("the image `host`");
  TRY_ASSIGN(RemoteFiles files, RemoteFiles::open(connection_, spec_.run_folder.parent_path()));
  TRY_ASSIGN(spec_.kernel, files.put(spec_.kernel));
  if (!spec_.initrd.empty()) {
    TRY_ASSIGN(spec_.initrd, files.put(spec_.initrd));
  }
  if (!spec_.disk.empty()) {
    TRY_ASSIGN(spec_.disk, files.copy(spec_.disk, disk_name(spec_)));
  }
  if (spec_.root == Root::disk) {
    TRY_ASSIGN(spec_.root_disk, files.overlay(spec_.root_disk, spec_.root_format, root_name(spec_)));
  }
  return {};
}

Result<void> RemoteMachine::attach() {
  const ChannelAliases aliases = channel_aliases(spec_);
  TRY_ASSIGN(console_, attach_serial(aliases.console));
  TRY_ASSIGN(pulse_, attach_serial(aliases.pulse));
  if (!aliases.program.empty()) {
    TRY_ASSIGN(program_, attach_serial(aliases.program));
  }
  const auto open = [&](virStream* stream) {
    return virDomainOpenChannel(domain_.get(), aliases.agent.c_str(), stream, 0);
  };
  TRY_ASSIGN(agent_, StreamPump::begin(connection_.handle(), open, "opening the agent's channel"));
  return {};
}

Result<std::unique_ptr<StreamPump>> RemoteMachine::attach_serial(const std::string& alias) {
  const auto open = [&](virStream* stream) {
    return virDomainOpenConsole(domain_.get(), alias.c_str(), stream, 0);
  };
  return StreamPump::begin(connection_.handle(), open, "opening the serial port " + alias);
}

Channels RemoteMachine::channels() const {
  return {fd_of(console_), fd_of(agent_), fd_of(pulse_), fd_of(program_), -1};
}

Result<MachineState> RemoteMachine::state() {
  if (connection_.lost()) return lost_error();
  auto state = DomainMachine::state();
  if (!state && connection_.lost()) return lost_error();
  return state;
}

Result<std::optional<HostUse>> RemoteMachine::host_use() {
  TRY_ASSIGN(HostUse use, host_use_of(connection_.handle(), spec_.name));
  return std::optional(std::move(use));
}

Result<void> RemoteMachine::send_console(std::string_view bytes) {
  if (!console_) return infra_error("the machine has not been started");
  return console_->send(bytes, reader_deadline);
}

Result<void> RemoteMachine::send_agent(std::string_view bytes) {
  if (!agent_) return infra_error("the machine has not been started");
  return agent_->send(bytes, reader_deadline);
}

Error RemoteMachine::lost_error() const {
  return infra_error(fmt::format("the connection to {} was lost", connection_.uri()));
}

Error RemoteMachine::not_there(const char* what) const {
  return user_error(
      fmt::format("{} is not available for a guest on another host ({})", what, connection_.uri()));
}

Result<void> RemoteMachine::restore(const fs::path& /*file*/, bool /*paused*/) {
  return not_there("a saved guest");
}
Result<void> RemoteMachine::save(const fs::path& /*file*/) {
  return not_there("a saved guest");
}
Result<void> RemoteMachine::dump(const fs::path& /*file*/) {
  return not_there("a core dump");
}
Result<fs::path> RemoteMachine::open_gdb_stub() {
  return not_there("a gdb stub");
}

Result<void> RemoteMachine::destroy() {
  if (!watch_ || destroyed_) return {};
  destroyed_ = true;
  if (connection_.lost()) return clean_up_again();
  const bool ended = !domain_ || watch_->ended();
  auto done = ended ? Result<void>() : destroy_domain();
  if (!done && connection_.lost()) return clean_up_again();
  remove_disks(connection_.handle());
  return done;
}

void RemoteMachine::remove_disks(virConnect* connection) const {
  if (!spec_.disk.empty()) RemoteFiles::remove(connection, disk_name(spec_));
  if (spec_.root == Root::disk) RemoteFiles::remove(connection, root_name(spec_));
}

// libvirt ends the guest of a lost connection, unless libvirt itself has died: then its QEMU goes on. A new
// connection ends what is left. A daemon that was killed is started again by its init within seconds.
Result<void> RemoteMachine::clean_up_again() {
  virConnect* again = open_again(without_terminal(connection_.uri()));
  if (again == nullptr) return lost_error();
  {
    const DomainHandle domain(virDomainLookupByUUIDString(again, spec_.uuid.c_str()));
    if (domain) (void)virDomainDestroy(domain.get());
  }
  remove_disks(again);
  virConnectClose(again);
  return {};
}

}  // namespace hangar::vm
