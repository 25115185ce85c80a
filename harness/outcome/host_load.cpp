// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/host_load.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::outcome {
namespace {

// Beyond these a stretch is disturbed. A guest's clock interrupt comes a hundred times a second or more: a
// vCPU that waits a quarter of the time loses ticks in a row. Swapping and memory stalls stop QEMU itself.
constexpr double most_vcpu_wait = 0.25;
constexpr double most_steal = 0.10;
constexpr double most_swap_kb_per_s = 1024;
constexpr double most_memory_pressure = 0.10;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::uint64_t> numbers(std::string_view line) {
  std::vector<std::uint64_t> all;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty() && word[0] >= '0' && word[0] <= '9') all.push_back(number(word));
  }
  return all;
}

// user nice system idle iowait irq softirq steal guest guest_nice; the last two are in the first two already.
void read_stat(const std::string& text, HostCounters& counters) {
  const auto ticks = numbers(std::string_view(text).substr(0, text.find('\n')));
  for (size_t i = 0; i < std::min<size_t>(ticks.size(), 8); ++i) counters.cpu_ticks += ticks[i];
  if (ticks.size() > 7) counters.steal_ticks = ticks[7];
  for (const size_t busy : {0, 1, 2, 5, 6}) counters.busy_ticks += busy < ticks.size() ? ticks[busy] : 0;
}

void read_vmstat(const std::string& text, HostCounters& counters) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("pswpin ") || line.starts_with("pswpout "))
      counters.swapped_pages += number(line.substr(line.find(' ') + 1));
  }
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345"
std::optional<std::uint64_t> read_pressure(const fs::path& file, std::string_view kind) {
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  for (const std::string_view line : split(*text, '\n')) {
    const size_t total = line.find("total=");
    if (line.starts_with(kind) && total != std::string_view::npos) return number(line.substr(total + 6));
  }
  return std::nullopt;
}

// QEMU names its threads: "CPU 0/TCG", "CPU 1/KVM".
std::map<int, std::uint64_t> read_vcpus(const fs::path& tasks) {
  std::map<int, std::uint64_t> waits;
  for (const auto& entry : fs::list_or_empty(tasks)) {
    const auto name = read_file(entry.path() / "comm");
    const auto times = read_file(entry.path() / "schedstat");  // ran, waited (ns), timeslices
    if (!name || !times || !name->starts_with("CPU ")) continue;
    const auto fields = numbers(trim(*times));
    if (fields.size() >= 2) waits[static_cast<int>(number(entry.path().filename().string()))] = fields[1];
  }
  return waits;
}

// "77 (qemu-system-x86) S 1 ...": utime and stime are the 14th and 15th field; the name may hold blanks.
std::uint64_t process_ticks(std::string_view stat) {
  const size_t after_name = stat.rfind(')');
  if (after_name == std::string_view::npos) return 0;
  const auto fields = split(trim(stat.substr(after_name + 1)), ' ');
  return fields.size() > 12 ? number(fields[11]) + number(fields[12]) : 0;
}

// CPU time that the guests used in between; one that was not there before used all that it has.
std::uint64_t ticks_between(const std::map<std::string, std::uint64_t>& before,
                            const std::map<std::string, std::uint64_t>& after) {
  std::uint64_t ticks = 0;
  for (const auto& [run, now] : after) {
    const auto earlier = before.find(run);
    const std::uint64_t then = earlier == before.end() ? 0 : earlier->second;
    if (now > then) ticks += now - then;
  }
  return ticks;
}

template <typename T>
double share(T after, T before, double of) {
  return after > before && of > 0 ? static_cast<double>(after - before) / of : 0;
}

std::optional<double> share_of_us(const std::optional<std::uint64_t>& after,
                                  const std::optional<std::uint64_t>& before, double seconds) {
  if (!after || !before) return std::nullopt;
  return share(*after, *before, seconds * 1e6);
}

// Whose the CPUs were.
void add_shares(const HostCounters& before, const HostCounters& after, double seconds, HostLoad& load) {
  if (!before.guest_ticks || !after.guest_ticks) return;
  const double ticks = seconds * static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double busy = share(after.busy_ticks, before.busy_ticks, ticks);
  const double own = share(after.own_ticks, before.own_ticks, ticks);
  load.other_guests = static_cast<int>(after.guest_ticks->size());
  load.guest_cpus = share(ticks_between(*before.guest_ticks, *after.guest_ticks), std::uint64_t{0}, ticks);
  load.foreign_cpus = std::max(0.0, busy - own - *load.guest_cpus);
}

std::string percent(double share) {
  return fmt::format("{:.0f}%", share * 100);
}

}  // namespace

HostCounters read_host(int qemu_pid, const fs::path& proc) {
  HostCounters counters;
  if (const auto stat = read_file(proc / "stat")) read_stat(*stat, counters);
  if (const auto vmstat = read_file(proc / "vmstat")) read_vmstat(*vmstat, counters);
  counters.memory_stall_us = read_pressure(proc / "pressure/memory", "full");
  counters.cpu_stall_us = read_pressure(proc / "pressure/cpu", "some");
  if (qemu_pid > 0) counters.vcpu_wait_ns = read_vcpus(proc / std::to_string(qemu_pid) / "task");
  for (const std::string& process : {std::to_string(qemu_pid), std::string("self")}) {
    if (const auto stat = read_file(proc / process / "stat")) counters.own_ticks += process_ticks(*stat);
  }
  return counters;
}

HostLoad compare(const HostCounters& before, const HostCounters& after, double begin_s, double end_s) {
  const double seconds = end_s - begin_s;
  HostLoad load;
  load.begin_s = begin_s;
  load.end_s = end_s;
  if (!after.remote) {
    load.steal = share(after.steal_ticks, before.steal_ticks, share(after.cpu_ticks, before.cpu_ticks, 1.0));
    const double page_kb = static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
    load.swap_kb_per_s = share(after.swapped_pages, before.swapped_pages, seconds) * page_kb;
  }
  load.memory_pressure = share_of_us(after.memory_stall_us, before.memory_stall_us, seconds);
  load.cpu_pressure = share_of_us(after.cpu_stall_us, before.cpu_stall_us, seconds);
  if (!after.remote || !after.vcpu_wait_ns.empty()) load.vcpu_wait = 0;
  for (const auto& [thread, waited] : after.vcpu_wait_ns) {
    const auto earlier = before.vcpu_wait_ns.find(thread);
    if (earlier != before.vcpu_wait_ns.end())
      load.vcpu_wait = std::max(load.vcpu_wait.value_or(0), share(waited, earlier->second, seconds * 1e9));
  }
  add_shares(before, after, seconds, load);
  return load;
}

double foreign_wait(const HostLoad& load) {
  const double waited = load.vcpu_wait.value_or(0);
  if (!load.foreign_cpus || !load.guest_cpus) return waited;
  const double all = *load.foreign_cpus + *load.guest_cpus;
  if (all <= 0) return 0;
  return std::min(waited * *load.foreign_cpus / all, *load.foreign_cpus);
}

std::vector<std::string> disturbances(const HostLoad& load) {
  std::vector<std::string> found;
  if (const double waited = foreign_wait(load); waited > most_vcpu_wait) {
    found.push_back(
        fmt::format("a vCPU waited {} of the time for a CPU that other programs used", percent(waited)));
  }
  if (load.steal.value_or(0) > most_steal)
    found.push_back(fmt::format("the host's hypervisor stole {} of its CPUs", percent(*load.steal)));
  if (load.swap_kb_per_s.value_or(0) > most_swap_kb_per_s)
    found.push_back(fmt::format("the host swapped {:.0f} kB per second", *load.swap_kb_per_s));
  if (load.memory_pressure.value_or(0) > most_memory_pressure) {
    found.push_back(
        fmt::format("the host was stalled on memory for {} of the time", percent(*load.memory_pressure)));
  }
  return found;
}

bool is_unknown(const std::vector<HostLoad>& loads) {
  return !loads.empty() && std::none_of(loads.begin(), loads.end(),
                                        [](const HostLoad& load) { return load.vcpu_wait.has_value(); });
}

std::string to_json(const HostLoad& load) {
  nlohmann::ordered_json out = {{"from_s", load.begin_s},
                                {"to_s", load.end_s},
                                {"vcpu_wait", or_null(load.vcpu_wait)},
                                {"steal", or_null(load.steal)},
                                {"swap_kb_per_s", or_null(load.swap_kb_per_s)},
                                {"memory_pressure", or_null(load.memory_pressure)},
                                {"cpu_pressure", or_null(load.cpu_pressure)}};
  if (load.guest_cpus) out["guest_cpus"] = *load.guest_cpus;
  if (load.foreign_cpus) out["foreign_cpus"] = *load.foreign_cpus;
  if (load.other_guests) out["other_guests"] = *load.other_guests;
  return json_text(out);
}

Result<std::vector<HostLoad>> read_host_loads(const fs::path& file) {
  std::vector<HostLoad> loads;
  if (!fs::exists(file)) return loads;
  TRY_ASSIGN(const std::string text, read_file(file));
  for (const std::string_view line : split(text, '\n')) {
    const auto in = parse_object(line);
    if (!in.is_object()) continue;
    HostLoad load;
    load.begin_s = field<double>(in, "from_s").value_or(0);
    load.end_s = field<double>(in, "to_s").value_or(0);
    load.vcpu_wait = field<double>(in, "vcpu_wait");
    load.steal = field<double>(in, "steal");
    load.swap_kb_per_s = field<double>(in, "swap_kb_per_s");
    load.memory_pressure = field<double>(in, "memory_pressure");
    load.cpu_pressure = field<double>(in, "cpu_pressure");
    load.guest_cpus = field<double>(in, "guest_cpus");
    load.foreign_cpus = field<double>(in, "foreign_cpus");
    load.other_guests = field<int>(in, "other_guests");
    loads.push_back(load);
  }
  return loads;
}

}  // namespace hangar::outcome
