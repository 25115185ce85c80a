// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "harness/base/result.h"

// Does one thing at a time in a separate thread, for calls that may never return: QEMU's monitor does not
// answer while the guest waits for a reader of its ports, and that is the caller's own loop.
// boost::asio::thread_pool(1) would be the thread only: what is ours is that it is busy or not and that an
// answer is taken once. std::async starts a thread for each job, in the middle of a hang.
namespace hangar::live {

class Deputy {
 public:
  // What it found out, in words for the event list.
  using Job = std::function<Result<std::string>()>;

  Deputy();
  // Waits for a job under way: end what it waits for (the machine) first.
  ~Deputy();
  Deputy(const Deputy&) = delete;
  Deputy& operator=(const Deputy&) = delete;

  // Only when not busy.
  void ask(Job job);
  [[nodiscard]] bool busy() const;
  // The answer to the last job, once.
  [[nodiscard]] std::optional<Result<std::string>> answer();

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Job job_;
  std::optional<Result<std::string>> answer_;
  bool busy_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace hangar::live
