// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Waiting for a lock between processes (flock). flock() itself has no deadline and does not see a
// cancellation.
namespace hangar {

// A process that holds a lock for longer than this is stuck. Callers that wait for something slower (a
// kernel that another process builds) give their own deadline.
inline constexpr std::chrono::minutes default_lock_deadline{10};

enum class LockKind { shared, exclusive };

// Locks the open file or folder `fd`, whose path is `name`. `on_wait` is called once if another process has
// the lock. An Error after `deadline`, which names the process that holds the lock; on cancellation; or where
// the file system has no locks.
[[nodiscard]] Result<void> wait_for_lock(int fd, LockKind kind, const fs::path& name,
                                         std::chrono::milliseconds deadline,
                                         const std::function<void()>& on_wait = {});

// "process 1234 (hangar)", from /proc/locks; "another process" when that is not known, such as for a process
// outside our PID namespace.
[[nodiscard]] std::string lock_holder(int fd);

}  // namespace hangar
