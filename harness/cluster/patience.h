// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/base/cancel.h"
#include "harness/base/result.h"

namespace hangar::cluster {

// Calls `ask` until it succeeds, for `patience` at most, or until it is `hopeless()`: a shared folder that is
// full, or whose server does not answer, is a matter of minutes.
template <typename Ask, typename Hopeless>
[[nodiscard]] auto patiently(std::chrono::milliseconds patience, Ask&& ask, Hopeless&& hopeless)
    -> decltype(ask()) {
  constexpr std::chrono::milliseconds longest_pause{5000};
  const auto until = std::chrono::steady_clock::now() + patience;
  std::chrono::milliseconds pause{100};
  while (true) {
    auto answer = ask();
    if (answer || std::chrono::steady_clock::now() >= until || hopeless()) return answer;
    if (Cancel::wait(pause)) return interrupted_error();
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace hangar::cluster
