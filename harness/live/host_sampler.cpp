// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/host_sampler.h"

#include <fcntl.h>
#include <unistd.h>

#include "harness/base/barrier.h"
#include "harness/base/files.h"

namespace hangar::live {

constexpr std::chrono::seconds every{1};
constexpr double shortest_s = 0.25;  // a shorter interval shows nothing

outcome::HostCounters counters_of(const vm::HostUse& use) {
  const auto ticks = [](std::uint64_t ns) {
    return ns / (1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  };
  outcome::HostCounters counters;
  counters.remote = true;
  counters.busy_ticks = ticks(use.busy_ns);
  counters.own_ticks = ticks(use.own_ns);
  counters.vcpu_wait_ns = use.vcpu_wait_ns;
  counters.guest_ticks.emplace();
  for (const auto& [name, ns] : use.guests) (*counters.guest_ticks)[name] = ticks(ns);
  return counters;
}

Result<std::unique_ptr<HostSampler>> HostSampler::start(const fs::path& run_directory, vm::Machine& machine,
                                                        Clock::time_point began,
                                                        std::optional<GuestRegistry> registry) {
  const fs::path path = run_directory / outcome::host_load_file;
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) return errno_error("cannot make " + path.string());
  return std::unique_ptr<HostSampler>(new HostSampler(std::move(file), machine, began, std::move(registry)));
}

HostSampler::HostSampler(Fd file, vm::Machine& machine, Clock::time_point began,
                         std::optional<GuestRegistry> registry)
    : file_(std::move(file)),
      machine_(machine),
      began_(began),
      registry_(std::move(registry)),
      thread_([this] { sampled_ = barrier([this] { sample_until_stopped(); }); }) {}

HostSampler::~HostSampler() {
  (void)stop();
}

Result<void> HostSampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  return sampled_;
}

// None: libvirt of the other host does not report them, or not now.
std::optional<outcome::HostCounters> HostSampler::read_counters() {
  const auto use = machine_.host_use();
  if (!use) return std::nullopt;
  if (*use) return counters_of(**use);
  outcome::HostCounters counters = outcome::read_host(machine_.record().qemu_pid);
  if (registry_) {
    registry_->publish(counters.own_ticks);
    counters.guest_ticks = registry_->others();
  }
  return counters;
}

void HostSampler::sample_until_stopped() {
  const auto now = [this] { return std::chrono::duration<double>(Clock::now() - began_).count(); };
  std::optional<outcome::HostCounters> before = read_counters();
  double before_s = now();
  bool stopped = false;
  while (!stopped) {
    {
      std::unique_lock lock(mutex_);
      stopped = wake_.wait_for(lock, every, [this] { return stop_; });
    }
    std::optional<outcome::HostCounters> after = read_counters();
    const double after_s = now();
    if (after_s - before_s < shortest_s) continue;
    // The console's log reports a full disk; these lines are then not needed.
    outcome::HostLoad load;
    load.begin_s = before_s;
    load.end_s = after_s;
    if (before && after) load = compare(*before, *after, before_s, after_s);
    (void)write_all(file_.get(), to_json(load) + "\n");
    before = std::move(after);
    before_s = after_s;
  }
}

}  // namespace hangar::live
