// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/end_watch.h"

#include <condition_variable>
#include <mutex>

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>

#include "harness/vm/libvirt_error.h"
#include "harness/vm/monitor.h"
#include "harness/vm/opaque.h"

namespace hangar::vm {

struct EndWatch::Shared {
  std::string uuid;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::optional<MachineState> end;
  std::string shutdown_reason;

  [[nodiscard]] bool concerns(virDomain* domain) const {
    char text[VIR_UUID_STRING_BUFLEN];
    return virDomainGetUUIDString(domain, text) == 0 && uuid == text;
  }
};

namespace {

using Holder = std::shared_ptr<EndWatch::Shared>;

EndWatch::Shared& shared_of(void* opaque) {
  return **static_cast<Holder*>(opaque);
}

MachineState end_state(int detail, const std::string& qemu_reason) {
  switch (detail) {
    case VIR_DOMAIN_EVENT_STOPPED_SAVED:
      return {Phase::off, "saved"};
    case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
      return {Phase::crashed, "guest-panicked"};
    case VIR_DOMAIN_EVENT_STOPPED_FAILED:
      return {Phase::crashed, "qemu-died"};
    default:
      // With "destroy" as the answer to a reboot libvirt reports "shutdown" for both; QEMU distinguishes
      // them.
      return {Phase::off, qemu_reason.empty() ? "destroyed" : qemu_reason};
  }
}

int on_lifecycle(virConnectPtr /*connection*/, virDomainPtr domain, int event, int detail, void* opaque) {
  EndWatch::Shared& shared = shared_of(opaque);
  if (event != VIR_DOMAIN_EVENT_STOPPED || !shared.concerns(domain)) return 0;
  const std::lock_guard lock(shared.mutex);
  shared.end = end_state(detail, shared.shutdown_reason);
  shared.changed.notify_all();
  return 0;
}

void on_monitor_event(virConnectPtr /*connection*/, virDomainPtr domain, const char* /*event*/,
                      long long /*seconds*/, unsigned /*micros*/, const char* details, void* opaque) {
  EndWatch::Shared& shared = shared_of(opaque);
  if (!shared.concerns(domain)) return;
  const std::lock_guard lock(shared.mutex);
  // The first word counts: libvirt ends QEMU by a signal then, which is a reason too.
  if (shared.shutdown_reason.empty()) {
    shared.shutdown_reason = json_string(details != nullptr ? details : "", "reason");
  }
}

}  // namespace

Result<std::unique_ptr<EndWatch>> EndWatch::begin(virConnect* connection, std::string uuid) {
  auto shared = std::make_shared<Shared>();
  shared->uuid = std::move(uuid);
  std::unique_ptr<EndWatch> watch(new EndWatch(connection, shared));
  auto lifecycle = std::make_unique<Holder>(shared);
  watch->lifecycle_ = virConnectDomainEventRegisterAny(connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                       VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle),
                                                       lifecycle.get(), delete_opaque<Holder>);
  if (watch->lifecycle_ < 0) return libvirt_error("listening to libvirt's events");
  (void)lifecycle.release();  // libvirt's now
  for (const char* event : {"SHUTDOWN", "RESET"}) {
    auto holder = std::make_unique<Holder>(shared);
    const int id = virConnectDomainQemuMonitorEventRegister(connection, nullptr, event, on_monitor_event,
                                                            holder.get(), delete_opaque<Holder>, 0);
    if (id < 0) continue;  // not every libvirt over a network has it: then resets look like power-offs
    (void)holder.release();
    watch->monitor_.push_back(id);
  }
  return watch;
}

EndWatch::~EndWatch() {
  if (lifecycle_ >= 0) virConnectDomainEventDeregisterAny(connection_, lifecycle_);
  for (const int id : monitor_) virConnectDomainQemuMonitorEventDeregister(connection_, id);
}

std::optional<MachineState> EndWatch::ended() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->end;
}

std::optional<MachineState> EndWatch::wait(std::chrono::milliseconds deadline) const {
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, deadline, [&] { return shared_->end.has_value(); });
  return shared_->end;
}

std::string EndWatch::shutdown_reason() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->shutdown_reason;
}

}  // namespace hangar::vm
