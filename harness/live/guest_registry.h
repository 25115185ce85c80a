// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

namespace hangar::live {

// Reports which other guests of Hangar run on this host, of any hangar process, and how much CPU time they
// used: each worker keeps its own figure in a locked file, `<scratch>/load/<run id>`. /proc cannot be used,
// since workers live in separate PID namespaces. A file without a lock is of a worker that was killed.
class GuestRegistry {
 public:
  // Registers a run; the destructor takes it out again.
  [[nodiscard]] static Result<GuestRegistry> join(const fs::path& scratch, const std::string& run_id);
  ~GuestRegistry();
  // Takes out a run whose worker was killed.
  static void forget(const fs::path& scratch, const std::string& run_id);
  GuestRegistry(GuestRegistry&&) = default;
  GuestRegistry& operator=(GuestRegistry&&) = delete;

  // The CPU time of our guest and its worker, in clock ticks since they started.
  void publish(std::uint64_t ticks);
  // The latest figures of the others that live, by run id.
  [[nodiscard]] std::map<std::string, std::uint64_t> others() const;

 private:
  GuestRegistry(fs::path file, Fd fd) : file_(std::move(file)), fd_(std::move(fd)) {}

  fs::path file_;
  Fd fd_;
};

}  // namespace hangar::live
