// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/libvirt_machine.h"

#include <chrono>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/vm/domain_xml.h"
#include "harness/vm/fifo.h"
#include "harness/vm/kdump.h"
#include "harness/vm/libvirt_error.h"
#include "harness/vm/monitor.h"
#include "harness/vm/qemu_log.h"
#include "harness/vm/remote_machine.h"

namespace hangar::vm {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds connect_deadline{5000};
constexpr milliseconds reader_deadline{2000};
constexpr milliseconds end_deadline{5000};

bool readable_within(int fd, milliseconds deadline) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(deadline.count())) > 0;
}

std::string new_uuid() {
  const auto text = read_file("/proc/sys/kernel/random/uuid");
  return text ? std::string(trim(*text)) : std::string();
}

std::vector<std::string> read_argv(int pid) {
  const auto text = read_file(fmt::format("/proc/{}/cmdline", pid));
  std::vector<std::string> argv;
  if (!text || text->empty()) return argv;
  for (const auto part : split(std::string_view(*text).substr(0, text->size() - 1), '\0')) {
    argv.emplace_back(part);
  }
  return argv;
}

}  // namespace

struct LibvirtMachine::Listeners {
  Listener console;
  Listener agent;
  Fifo pulse;
  std::optional<Listener> program;
};

Result<std::unique_ptr<Machine>> define(Connection& connection, MachineSpec spec) {
  TRY(check_spec(spec));
  auto* real = dynamic_cast<LibvirtConnection*>(&connection);
  if (real == nullptr) return infra_error("a machine needs a connection to libvirt");
  if (spec.uuid.empty()) spec.uuid = new_uuid();
  if (real->remote())
    return std::unique_ptr<Machine>(std::make_unique<RemoteMachine>(*real, std::move(spec)));
  return std::unique_ptr<Machine>(std::make_unique<LibvirtMachine>(*real, std::move(spec)));
}

LibvirtMachine::LibvirtMachine(LibvirtConnection& connection, MachineSpec spec)
    : DomainMachine(connection, std::move(spec)) {
  record_.qemu_log = connection_.qemu_log(spec_.name);
}

LibvirtMachine::~LibvirtMachine() {
  (void)LibvirtMachine::destroy();
  if (domain_) connection_.leave_ending(std::move(watch_));
}

Result<void> LibvirtMachine::start(bool paused) {
  TRY(watch_ends());
  TRY_ASSIGN(Listeners listeners, listen());
  unsigned flags = paused ? VIR_DOMAIN_START_PAUSED : VIR_DOMAIN_NONE;
  // A daemon's guest ends with our connection; the embedded driver's with our process (see guard.h).
  if (!connection_.embedded()) flags |= VIR_DOMAIN_START_AUTODESTROY;
  domain_.reset(
      virDomainCreateXML(connection_.handle(), domain_xml(spec_, connection_.user()).c_str(), flags));
  if (!domain_) return start_error("starting QEMU for " + spec_.name);
  TRY(connect(listeners));
  connection_.keep_capabilities();
  return {};
}

Result<void> LibvirtMachine::restore(const fs::path& file, bool paused) {
  TRY(watch_ends());
  TRY_ASSIGN(Listeners listeners, listen());
  const unsigned flags = paused ? VIR_DOMAIN_SAVE_PAUSED : VIR_DOMAIN_SAVE_RUNNING;
  const std::string xml = domain_xml(spec_, connection_.user());
  if (virDomainRestoreFlags(connection_.handle(), file.c_str(), xml.c_str(), flags) < 0) {
    return start_error("restoring " + file.string());
  }
  domain_.reset(virDomainLookupByUUIDString(connection_.handle(), spec_.uuid.c_str()));
  if (!domain_) return libvirt_error("looking up the restored " + spec_.name);
  return connect(listeners);
}

Result<LibvirtMachine::Listeners> LibvirtMachine::listen() {
  const auto& owner = connection_.user();
  if (!spec_.disk.empty()) TRY(sandbox::give(spec_.disk, owner));
  const ChannelPaths paths = channel_paths(spec_.run_folder);
  TRY_ASSIGN(auto console, Listener::listen(paths.console, owner));
  TRY_ASSIGN(auto agent, Listener::listen(paths.agent, owner));
  TRY_ASSIGN(auto pulse, Fifo::make(paths.pulse, owner));
  Listeners listeners{std::move(console), std::move(agent), std::move(pulse), {}};
  if (spec_.root == Root::none) return listeners;
  if (spec_.root == Root::disk) TRY(sandbox::give(spec_.root_disk, owner));
  TRY_ASSIGN(auto program, Listener::listen(paths.program, owner));
  listeners.program.emplace(std::move(program));
  return listeners;
}

Result<void> LibvirtMachine::connect(Listeners& listeners) {
  TRY_ASSIGN(console_, listeners.console.accept(connect_deadline));
  TRY_ASSIGN(agent_, listeners.agent.accept(connect_deadline));
  if (listeners.program) {
    TRY_ASSIGN(program_, listeners.program->accept(connect_deadline));
  }
  pulse_ = listeners.pulse.take_reader();
  look_at_qemu();
  return {};
}

// QEMU's process is the one that connected: no need to know where libvirt keeps its pid file.
void LibvirtMachine::look_at_qemu() {
  record_.qemu_pid = peer_pid(console_.get());
  if (record_.qemu_pid > 0) {
    qemu_.reset(static_cast<int>(syscall(SYS_pidfd_open, record_.qemu_pid, 0)));
    record_.qemu_argv = read_argv(record_.qemu_pid);
    record_.confinement = sandbox::confine(record_.qemu_pid);
  }
  record_.domain_xml = take_text(virDomainGetXMLDesc(domain_.get(), 0));
}

Error LibvirtMachine::start_error(const std::string& doing) const {
  Error error = libvirt_error(doing);
  const auto log =
      record_.qemu_log.empty() ? Result<std::string>(std::string()) : read_file(record_.qemu_log);
  const std::string words = log ? qemu_words(*log) : std::string();
  if (!words.empty()) error.detail = words;
  return error;
}

Channels LibvirtMachine::channels() const {
  return {console_.get(), agent_.get(), pulse_.get(), program_.get(), qemu_.get()};
}

bool LibvirtMachine::qemu_gone() const {
  return qemu_ && readable_within(qemu_.get(), milliseconds(0));
}

Result<void> LibvirtMachine::send_console(std::string_view bytes) {
  return send_within(console_.get(), bytes, reader_deadline);
}

Result<void> LibvirtMachine::send_agent(std::string_view bytes) {
  return send_within(agent_.get(), bytes, reader_deadline);
}

Result<void> LibvirtMachine::save(const fs::path& file) {
  TRY_ASSIGN(virDomain * domain, live());
  if (virDomainSaveFlags(domain, file.c_str(), nullptr, 0) < 0) {
    return libvirt_error("saving " + spec_.name + " to " + file.string());
  }
  return {};
}

Result<void> LibvirtMachine::dump(const fs::path& file) {
  TRY_ASSIGN(virDomain * domain, live());
  const fs::path flattened = file.string() + ".flat";
  const int status = virDomainCoreDumpWithFormat(
      domain, flattened.c_str(), VIR_DOMAIN_CORE_DUMP_FORMAT_KDUMP_ZLIB, VIR_DUMP_MEMORY_ONLY);
  auto dumped = status < 0 ? Result<void>(libvirt_error("dumping the memory of " + spec_.name))
                           : unflatten_dump(flattened, file);
  (void)fs::remove(flattened);
  TRY(dumped);
  return name_kernel(file);
}

// QEMU makes the socket, so it needs a separate folder.
Result<fs::path> LibvirtMachine::open_gdb_stub() {
  TRY_ASSIGN(virDomain * domain, live());
  const fs::path folder = spec_.run_folder / "gdb";
  TRY(fs::create_directories(folder));
  TRY(sandbox::give(folder, connection_.user()));
  fs::path socket = folder / "stub";
  TRY_ASSIGN(const std::string said,
             hmp(domain, fmt::format("gdbserver unix:{},server=on,wait=off", socket.string())));
  if (!fs::exists(socket)) return infra_error("QEMU opened no gdb stub", said);
  return socket;
}

// SIGKILL by pidfd takes milliseconds; virDomainDestroy took more than a second, polling for
// the process to go. libvirt sees its monitor close and tidies up by itself.
Result<void> LibvirtMachine::destroy() {
  if (!domain_ || destroyed_) return {};
  if (watch_->ended() || qemu_gone()) return {};
  destroyed_ = true;
  if (!qemu_) return destroy_domain();
  if (syscall(SYS_pidfd_send_signal, qemu_.get(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH) {
    return errno_error("killing QEMU of " + spec_.name);
  }
  if (!readable_within(qemu_.get(), end_deadline)) {
    return infra_error(fmt::format("QEMU of {} (process {}) does not die", spec_.name, record_.qemu_pid));
  }
  return {};
}

}  // namespace hangar::vm
