// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/node_stats.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <libvirt/libvirt.h>

#include "harness/vm/domain_name.h"
#include "harness/vm/libvirt_error.h"

namespace hangar::vm {
namespace {

Result<std::uint64_t> busy_ns(virConnect* connection) {
  int count = 0;
  if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, nullptr, &count, 0) < 0)
    return libvirt_error("asking for the CPU time of the host");
  std::vector<virNodeCPUStats> stats(static_cast<size_t>(count));
  if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, stats.data(), &count, 0) < 0)
    return libvirt_error("asking for the CPU time of the host");
  std::uint64_t busy = 0;
  for (const virNodeCPUStats& one : stats) {
    const std::string_view field = one.field;
    if (field == VIR_NODE_CPU_STATS_KERNEL || field == VIR_NODE_CPU_STATS_USER ||
        field == VIR_NODE_CPU_STATS_INTR)
      busy += one.value;
  }
  return busy;
}

std::uint64_t number(const virDomainStatsRecord& record, const std::string& key) {
  unsigned long long value = 0;
  virTypedParamsGetULLong(record.params, record.nparams, key.c_str(), &value);
  return value;
}

void add_vcpus(const virDomainStatsRecord& record, HostUse& use) {
  int last = 0;
  for (int i = 0; i < record.nparams; ++i) {
    const std::string_view key = record.params[i].field;
    if (key == "vcpu.maximum") last = static_cast<int>(record.params[i].value.ui);
  }
  for (int i = 0; i < last; ++i) {
    const std::string key = fmt::format("vcpu.{}.delay", i);
    unsigned long long waited = 0;
    if (virTypedParamsGetULLong(record.params, record.nparams, key.c_str(), &waited) == 1)
      use.vcpu_wait_ns[i] = waited;
  }
}

}  // namespace

// Without waiting for a QEMU that another question waits for.
Result<HostUse> host_use_of(virConnect* connection, const std::string& name) {
  HostUse use;
  TRY_ASSIGN(use.busy_ns, busy_ns(connection));
  virDomainStatsRecordPtr* records = nullptr;
  const int count = virConnectGetAllDomainStats(
      connection, VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_VCPU, &records,
      VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
  if (count < 0) return libvirt_error("asking for the CPU time of guests");
  for (int i = 0; i < count; ++i) {
    const virDomainStatsRecord& record = *records[i];
    const char* given = virDomainGetName(record.dom);
    const std::string domain = given == nullptr ? "" : given;
    const std::uint64_t time_ns = number(record, "cpu.time");
    if (domain == name) {
      use.own_ns = time_ns;
      add_vcpus(record, use);
    } else if (domain.starts_with(domain_prefix)) {
      use.guests[domain] = time_ns;
    }
  }
  virDomainStatsRecordListFree(records);
  return use;
}

}  // namespace hangar::vm
