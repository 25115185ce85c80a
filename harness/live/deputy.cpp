// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/deputy.h"

#include <utility>

#include "harness/base/barrier.h"

namespace hangar::live {

Deputy::Deputy() : thread_([this] { run(); }) {}

Deputy::~Deputy() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Deputy::ask(Job job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = std::move(job);
    busy_ = true;
    answer_.reset();
  }
  changed_.notify_all();
}

bool Deputy::busy() const {
  const std::lock_guard lock(mutex_);
  return busy_;
}

std::optional<Result<std::string>> Deputy::answer() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

void Deputy::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || job_; });
    if (stop_) return;
    const Job job = std::exchange(job_, nullptr);
    lock.unlock();
    auto answer = barrier(job);
    lock.lock();
    answer_ = std::move(answer);
    busy_ = false;
  }
}

}  // namespace hangar::live
