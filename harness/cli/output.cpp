// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/output.h"

#include <cerrno>

namespace hangar::cli {
namespace {

int output_errno = 0;

}  // namespace

void put(std::FILE* stream, std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  if (!written && stream == stdout && output_errno == 0) output_errno = errno;
}

Result<void> output_written() {
  if (std::fflush(stdout) != 0 && output_errno == 0) output_errno = errno;
  if (output_errno == 0 || output_errno == EPIPE) return {};
  errno = output_errno;
  return errno_error("writing to standard output");
}

}  // namespace hangar::cli
