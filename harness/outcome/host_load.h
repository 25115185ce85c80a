// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// How busy the host was while a guest ran: a vCPU that waits for a CPU looks like a kernel that does not
// schedule. Counters are read once a second and kept as one line each in host.jsonl of the run directory.
namespace hangar::outcome {

inline constexpr const char* host_load_file = "host.jsonl";

// Running counters, as the kernel keeps them. Of another host (a guest by `--connect`) those that its libvirt
// reports.
struct HostCounters {
  bool remote = false;  // neither steal, swapping nor pressure are known; nor waits, if there are none
  std::uint64_t cpu_ticks = 0;      // /proc/stat: all states of all CPUs
  std::uint64_t steal_ticks = 0;    // of these, taken by a hypervisor below us
  std::uint64_t swapped_pages = 0;  // /proc/vmstat: pswpin + pswpout
  // /proc/pressure, "full" of memory and "some" of cpu, in microseconds; none: a kernel without PSI.
  std::optional<std::uint64_t> memory_stall_us;
  std::optional<std::uint64_t> cpu_stall_us;
  std::map<int, std::uint64_t> vcpu_wait_ns;  // by thread: /proc/PID/task/TID/schedstat, time on a run queue
  std::uint64_t busy_ticks = 0;               // of cpu_ticks: spent in processes and interrupts
  std::uint64_t own_ticks = 0;                // CPU time of our QEMU and of this process
  // CPU time of the other guests of Hangar, by run id (guest_registry.h); none: not known.
  std::optional<std::map<std::string, std::uint64_t>> guest_ticks;
};

// What the counters say of one stretch of time. Shares are 0 to 1.
struct HostLoad {
  double begin_s = 0;  // of the run's clock
  double end_s = 0;
  // None, also below: not known, since the host is another one.
  std::optional<double> vcpu_wait;  // of the vCPU that waited most
  std::optional<double> steal;
  std::optional<double> swap_kb_per_s;
  std::optional<double> memory_pressure;
  std::optional<double> cpu_pressure;  // for the reader: our own guests make it too
  // CPUs that were busy with other guests of Hangar, and with what is not Hangar's at all; how many other
  // guests there were. None: a line of an older Hangar.
  std::optional<double> guest_cpus;
  std::optional<double> foreign_cpus;
  std::optional<int> other_guests;
};

// The share of time that the worst vCPU waited for what is not Hangar's. A CPU's time is what vCPUs compete
// for, so the wait is split by who used it; and a vCPU cannot wait longer for others than they ran. Of a line
// without that knowledge it is all of the wait.
[[nodiscard]] double foreign_wait(const HostLoad& load);

// `proc` is /proc, but in tests. A QEMU that is gone has no vCPUs.
[[nodiscard]] HostCounters read_host(int qemu_pid, const fs::path& proc = "/proc");
[[nodiscard]] HostLoad compare(const HostCounters& before, const HostCounters& after, double begin_s,
                               double end_s);

// Why timings of this stretch cannot be trusted: "a vCPU waited 43% of the time for a CPU that other programs
// used"; empty: they can. What our own guests take from each other is not a reason: it follows from how many
// were run at once.
[[nodiscard]] std::vector<std::string> disturbances(const HostLoad& load);

// No line has the waits of vCPUs: whether the host was busy is not known.
[[nodiscard]] bool is_unknown(const std::vector<HostLoad>& loads);

// One line of host.jsonl, and all of it; a missing file is empty, a torn line is passed over.
[[nodiscard]] std::string to_json(const HostLoad& load);
[[nodiscard]] Result<std::vector<HostLoad>> read_host_loads(const fs::path& file);

}  // namespace hangar::outcome
