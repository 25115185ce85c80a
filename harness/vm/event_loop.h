// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "harness/base/result.h"

namespace hangar::vm {

// Runs libvirt's default event loop in a separate thread. libvirt wants the loop registered before the
// first connection, and its QEMU driver does nothing without it.
class EventLoop {
 public:
  [[nodiscard]] static Result<std::unique_ptr<EventLoop>> start();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

 private:
  explicit EventLoop(int timer);
  void run() const;

  int timer_;  // fires once to wake the thread for its end
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace hangar::vm
