// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/barrier.h"

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include <unistd.h>

#include "harness/base/text.h"

namespace hangar::barrier_detail {

Error current_error() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return infra_error("out of memory");  // short enough to need none
  } catch (const std::system_error& refused) {
    return infra_error(std::string("the system refused a request: ") + refused.what());
  } catch (const std::exception& failure) {
    return infra_error(std::string("internal error: ") + failure.what() + "; please report");
  } catch (...) {
    return infra_error("internal error: unknown exception; please report");
  }
}

void end_child(const Result<int>& status) {
  if (status) ::_exit(*status);
  const auto printed = barrier([&] {
    std::fprintf(stderr, "hangar: %s\n", sanitize_for_terminal(status.error().message).c_str());
    std::fflush(stderr);
  });
  ::_exit(printed ? exit_status(status.error()) : exit_status(printed.error()));
}

}  // namespace hangar::barrier_detail
