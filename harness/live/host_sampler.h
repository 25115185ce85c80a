// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/live/guest_registry.h"
#include "harness/outcome/host_load.h"
#include "harness/vm/machine.h"

namespace hangar::live {

// What libvirt reports of another host, as the counters of /proc are.
[[nodiscard]] outcome::HostCounters counters_of(const vm::HostUse& use);

// A thread that reads the counters of the guest's host once a second and writes host.jsonl, until it is
// destroyed. The watching of a guest must not wait for /proc of a host that is out of memory.
class HostSampler {
 public:
  using Clock = std::chrono::steady_clock;

  // `began` is the run's zero. The machine has started, and must outlive this. `registry` has Hangar's other
  // guests; without one it is not known whose the load is.
  [[nodiscard]] static Result<std::unique_ptr<HostSampler>> start(const fs::path& run_directory,
                                                                  vm::Machine& machine,
                                                                  Clock::time_point began,
                                                                  std::optional<GuestRegistry> registry);
  ~HostSampler();
  HostSampler(const HostSampler&) = delete;
  HostSampler& operator=(const HostSampler&) = delete;

  // Takes a last sample. An error if the thread ended before its time.
  [[nodiscard]] Result<void> stop();

 private:
  HostSampler(Fd file, vm::Machine& machine, Clock::time_point began, std::optional<GuestRegistry> registry);
  void sample_until_stopped();
  std::optional<outcome::HostCounters> read_counters();

  Fd file_;
  vm::Machine& machine_;
  Clock::time_point began_;
  std::optional<GuestRegistry> registry_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  Result<void> sampled_;  // how the thread ended, once it is joined
  std::thread thread_;
};

}  // namespace hangar::live
