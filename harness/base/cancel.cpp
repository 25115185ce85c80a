// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/cancel.h"

#include <atomic>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace hangar {
namespace {

std::atomic<bool> cancelled{false};

int event() {
  static const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

void on_signal(int signal) {
  // A second signal means that the user has waited long enough for an orderly end.
  if (cancelled.exchange(true)) {
    ::signal(signal, SIG_DFL);
    ::raise(signal);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(event(), &one, sizeof one);
}

}  // namespace

void Cancel::install() {
  (void)event();
  struct sigaction action = {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool Cancel::requested() {
  return cancelled;
}

void Cancel::request() {
  cancelled = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(event(), &one, sizeof one);
}

bool Cancel::wait(std::chrono::milliseconds duration) {
  pollfd waiting = {event(), POLLIN, 0};
  if (!cancelled) ::poll(&waiting, 1, static_cast<int>(duration.count()));
  return cancelled;
}

int Cancel::fd() {
  return event();
}

void Cancel::reset() {
  cancelled = false;
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event(), &count, sizeof count);
}

}  // namespace hangar
