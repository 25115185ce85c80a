// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/host_sampler.h"

#include <fcntl.h>

#include "harness/base/barrier.h"
#include "harness/base/files.h"

namespace hangar::live {

constexpr std::chrono::seconds every{1};
constexpr double shortest_s = 0.25;  // a shorter interval shows nothing

Result<std::unique_ptr<HostSampler>> HostSampler::start(const fs::path& run_directory, int qemu_pid,
                                                        Clock::time_point began,
                                                        std::optional<GuestRegistry> registry) {
  const fs::path path = run_directory / outcome::host_load_file;
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) return errno_error("cannot make " + path.string());
  return std::unique_ptr<HostSampler>(new HostSampler(std::move(file), qemu_pid, began, std::move(registry)));
}

HostSampler::HostSampler(Fd file, int qemu_pid, Clock::time_point began,
                         std::optional<GuestRegistry> registry)
    : file_(std::move(file)),
      qemu_pid_(qemu_pid),
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

outcome::HostCounters HostSampler::read_counters() {
  outcome::HostCounters counters = outcome::read_host(qemu_pid_);
  if (registry_) {
    registry_->publish(counters.own_ticks);
    counters.guest_ticks = registry_->others();
  }
  return counters;
}

void HostSampler::sample_until_stopped() {
  const auto now = [this] { return std::chrono::duration<double>(Clock::now() - began_).count(); };
  outcome::HostCounters before = read_counters();
  double before_s = now();
  bool stopped = false;
  while (!stopped) {
    {
      std::unique_lock lock(mutex_);
      stopped = wake_.wait_for(lock, every, [this] { return stop_; });
    }
    outcome::HostCounters after = read_counters();
    const double after_s = now();
    if (after_s - before_s < shortest_s) continue;
    // The console's log reports a full disk; these lines are then not needed.
    (void)write_all(file_.get(), to_json(compare(before, after, before_s, after_s)) + "\n");
    before = std::move(after);
    before_s = after_s;
  }
}

}  // namespace hangar::live
