// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/other_hosts.h"

#include <utility>

#include <fmt/format.h>

#include "harness/vm/remote_uri.h"

namespace hangar::experiment {

Result<std::vector<vm::HostFacts>> look_at_hosts(const run::Request& request, const std::vector<Cell>& cells,
                                                 run::Observer& observer) {
  std::vector<vm::HostFacts> hosts;
  for (const std::string& uri : request.connect) {
    if (!vm::is_remote(uri)) continue;
    TRY_ASSIGN(vm::HostFacts host, vm::look_at_host(uri));
    observer.note(fmt::format("{}: {}, {} CPUs", uri, host.versions, host.cpus));
    hosts.push_back(std::move(host));
  }
  if (hosts.empty()) return hosts;
  if (hosts.size() < request.connect.size()) {
    return user_error("--connect: URIs of this host and of other hosts are mutually exclusive");
  }
  for (const Cell& cell : cells) {
    if (cell.scenario.machine.image.kind == ImageKind::host)
      return user_error("--connect and the image `host` are mutually exclusive: its files are this host's");
  }
  if (request.boot == scenario::BootMode::restore)
    return user_error("--connect and --boot restore are mutually exclusive: guests on other hosts boot");
  observer.note("guests on other hosts are not saved: each repeat boots");
  return hosts;
}

Result<Accel> probe_hosts(const run::Request& request, const std::vector<vm::HostFacts>& hosts,
                          vm::AccelRequest trial, const std::string& kernel, run::Observer& observer) {
  Accel accel = Accel::kvm;
  for (std::size_t i = 0; i < hosts.size() && accel == Accel::kvm; ++i) {
    vm::AccelReport report;
    report.reason = "libvirt offers no KVM";
    trial.uri = request.connect[i];
    trial.host = hosts[i].cpu + ", " + hosts[i].versions;
    if (hosts[i].kvm) {
      TRY_ASSIGN(report, vm::probe_acceleration(trial));
    }
    accel = report.accel;
    observer.note(fmt::format("acceleration of {} at {}: {} ({})", kernel, vm::host_of(trial.uri),
                              to_string(accel), report.reason));
  }
  return accel;
}

}  // namespace hangar::experiment
