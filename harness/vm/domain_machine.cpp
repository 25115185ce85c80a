// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/domain_machine.h"

#include <chrono>

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "harness/vm/domain_xml.h"
#include "harness/vm/libvirt_error.h"
#include "harness/vm/monitor.h"

namespace hangar::vm {

namespace {

constexpr std::chrono::milliseconds event_deadline{3000};

// libvirt's words for why vCPUs are stopped. It has none for a failed emulation under KVM: QEMU has.
std::string paused_reason(virDomain* domain, int reason) {
  if (reason == VIR_DOMAIN_PAUSED_USER) return "user";
  if (reason == VIR_DOMAIN_PAUSED_IOERROR) return "io-error";
  if (reason == VIR_DOMAIN_PAUSED_CRASHED) return "guest-panicked";
  if (reason == VIR_DOMAIN_PAUSED_STARTING_UP) return "starting";
  const auto status = qmp(domain, "query-status");
  const std::string word = status ? json_string(*status, "status") : std::string();
  if (word == "internal-error") return "emulation-failure";
  return word.empty() ? "unknown" : word;
}

}  // namespace

DomainMachine::DomainMachine(LibvirtConnection& connection, MachineSpec spec)
    : connection_(connection), spec_(std::move(spec)) {
  record_.uuid = spec_.uuid;
  record_.qemu_version = connection_.qemu_version();
}

Result<void> DomainMachine::watch_ends() {
  if (watch_) return infra_error("a machine starts once");
  connection_.wait_for_ends();
  TRY_ASSIGN(watch_, EndWatch::begin(connection_.handle(), spec_.uuid));
  return {};
}

Result<virDomain*> DomainMachine::live() const {
  if (!domain_) return infra_error("the machine " + spec_.name + " has not been started");
  if (qemu_gone()) return infra_error("the machine " + spec_.name + " has ended");
  return domain_.get();
}

Result<MachineState> DomainMachine::state() {
  if (!domain_) return MachineState{};
  if (destroyed_) return MachineState{Phase::off, "destroyed"};
  if (const auto end = watch_->ended()) return *end;
  if (qemu_gone()) {  // libvirt's word follows in a moment; QEMU's, if it had one, is there
    const std::string reason = watch_->shutdown_reason();
    if (!reason.empty()) return MachineState{Phase::off, reason};
    return watch_->wait(event_deadline).value_or(MachineState{Phase::crashed, "qemu-died"});
  }
  return ask_libvirt();
}

Result<MachineState> DomainMachine::ask_libvirt() const {
  int state = VIR_DOMAIN_NOSTATE;
  int reason = 0;
  if (virDomainGetState(domain_.get(), &state, &reason, 0) < 0) {
    const Error error = libvirt_error("asking for the state of " + spec_.name);
    if (const auto end = watch_->wait(event_deadline)) return *end;  // it ended between the two questions
    return error;
  }
  switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
      return MachineState{Phase::running, ""};
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
      return MachineState{Phase::paused, paused_reason(domain_.get(), reason)};
    case VIR_DOMAIN_CRASHED:
      return MachineState{Phase::crashed, "guest-panicked"};
    default:  // between QEMU's word and the end of its process
      return MachineState{Phase::off, watch_->shutdown_reason()};
  }
}

Result<void> DomainMachine::send_break() {
  TRY_ASSIGN(virDomain * domain, live());
  TRY(qmp(domain, "chardev-send-break", fmt::format(R"({{"id":"{}"}})", console_chardev)));
  return {};
}

Result<void> DomainMachine::send_nmi() {
  TRY_ASSIGN(virDomain * domain, live());
  if (virDomainInjectNMI(domain, 0) < 0) return libvirt_error("sending an NMI to " + spec_.name);
  return {};
}

Result<void> DomainMachine::pause() {
  TRY_ASSIGN(virDomain * domain, live());
  if (virDomainSuspend(domain) < 0) return libvirt_error("pausing " + spec_.name);
  return {};
}

Result<void> DomainMachine::resume() {
  TRY_ASSIGN(virDomain * domain, live());
  if (virDomainResume(domain) < 0) return libvirt_error("resuming " + spec_.name);
  return {};
}

Result<std::vector<VcpuSample>> DomainMachine::sample_vcpus() {
  TRY_ASSIGN(virDomain * domain, live());
  TRY_ASSIGN(const MachineState before, ask_libvirt());
  const bool stopped = before.phase == Phase::running && virDomainSuspend(domain) == 0;
  const auto text = hmp(domain, "info registers -a");
  if (stopped) TRY(resume());
  if (!text) return text.error();
  return parse_registers(*text);
}

Result<std::string> DomainMachine::peek(std::uint64_t physical, size_t bytes) {
  TRY_ASSIGN(virDomain * domain, live());
  std::string memory(bytes, '\0');
  if (virDomainMemoryPeek(domain, physical, bytes, memory.data(), VIR_MEMORY_PHYSICAL) < 0)
    return libvirt_error("reading the memory of " + spec_.name);
  return memory;
}

Result<void> DomainMachine::destroy_domain() {
  if (virDomainDestroy(domain_.get()) == 0) return {};
  const int code = virGetLastErrorCode();  // it may have ended by itself a moment ago
  if (code == VIR_ERR_NO_DOMAIN || code == VIR_ERR_OPERATION_INVALID) return {};
  return libvirt_error("destroying " + spec_.name);
}

}  // namespace hangar::vm
