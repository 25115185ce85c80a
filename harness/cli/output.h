// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/base/result.h"

// Standard output and standard error. fmt::print() throws when the disk is full or the reader is gone; these
// only note it, and main() reports it once, after the command.
namespace hangar::cli {

void put(std::FILE* stream, std::string_view text);

template <typename... T>
void print_out(fmt::format_string<T...> format, T&&... args) {
  put(stdout, fmt::format(format, std::forward<T>(args)...));
}

template <typename... T>
void print_err(fmt::format_string<T...> format, T&&... args) {
  put(stderr, fmt::format(format, std::forward<T>(args)...));
}

/// Fine, or why standard output has not all that was printed. A reader that is gone wanted no more, which is
/// no error.
[[nodiscard]] Result<void> output_written();

}  // namespace hangar::cli
