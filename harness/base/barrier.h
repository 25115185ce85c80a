// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <type_traits>
#include <utility>

#include "harness/base/result.h"

// Where exceptions end: main(), the body of every thread and of every forked child. Hangar reports failures
// by Result; what is thrown all the same comes from a library or from a fault of ours, and an exception that
// leaves a thread would end the process and with it every guest.
namespace hangar {

namespace barrier_detail {

template <typename T>
struct Wrapped {
  using Type = Result<T>;
};
template <typename T>
struct Wrapped<Result<T>> {
  using Type = Result<T>;
};

// The exception that is being handled, as an error. Call it in a catch block.
[[nodiscard]] Error current_error();
[[noreturn]] void end_child(const Result<int>& status);

}  // namespace barrier_detail

// Calls `body` and returns its result. An exception becomes an error: "out of memory" for std::bad_alloc,
// what the system refused for std::system_error, otherwise "internal error: ...; please report".
template <typename Body>
[[nodiscard]] auto barrier(Body&& body) ->
    typename barrier_detail::Wrapped<std::invoke_result_t<Body>>::Type {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      std::forward<Body>(body)();
      return {};
    } else {
      return std::forward<Body>(body)();
    }
  } catch (...) {
    return barrier_detail::current_error();
  }
}

// The body of a forked child, which returns its exit status. An error is printed on stderr. Nothing unwinds
// into the frames that the child shares with its parent, and no destructor of theirs runs.
template <typename Body>
[[noreturn]] void run_child(Body&& body) {
  barrier_detail::end_child(barrier(std::forward<Body>(body)));
}

}  // namespace hangar
