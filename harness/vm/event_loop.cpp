// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/event_loop.h"

#include <csignal>

#include <libvirt/libvirt.h>

#include "harness/base/barrier.h"
#include "harness/vm/libvirt_error.h"

namespace hangar::vm {

Result<std::unique_ptr<EventLoop>> EventLoop::start() {
  static const int registered = virEventRegisterDefaultImpl();
  if (registered < 0) return libvirt_error("registering libvirt's event loop");
  const int timer = virEventAddTimeout(
      -1, [](int, void*) {}, nullptr, nullptr);
  if (timer < 0) return libvirt_error("making a timer in libvirt's event loop");
  return std::unique_ptr<EventLoop>(new EventLoop(timer));
}

EventLoop::EventLoop(int timer) : timer_(timer) {
  // Signals are for the main thread: the new thread inherits a full mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // There is no owner to report an error to. Without the loop, calls of libvirt run into their deadlines.
  thread_ = std::thread([this] { (void)barrier([this] { run(); }); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void EventLoop::run() const {
  while (!stop_) {
    if (virEventRunDefaultImpl() < 0) break;
  }
}

EventLoop::~EventLoop() {
  stop_ = true;
  virEventUpdateTimeout(timer_, 0);
  thread_.join();
  virEventRemoveTimeout(timer_);
}

}  // namespace hangar::vm
