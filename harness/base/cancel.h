// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>

// Cancellation of the whole process: SIGINT and SIGTERM set a flag that every wait looks at, so that owners
// (VMs, temporary folders, child processes) are destroyed in order.
namespace hangar {

class Cancel {
 public:
  // Installs the signal handlers; call once from main.
  static void install();
  [[nodiscard]] static bool requested();
  // Requests cancellation from inside, as a signal would.
  static void request();
  // Sleeps for `duration` or until cancelled; true when cancelled.
  [[nodiscard]] static bool wait(std::chrono::milliseconds duration);
  // A descriptor that becomes readable on cancellation, for poll(). Valid for the life of the process.
  [[nodiscard]] static int fd();
  // For tests: forget an earlier request.
  static void reset();
};

}  // namespace hangar
