// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// program.log: what the program printed, line by line, made safe for a terminal. The file is made with its
// first line.
namespace hangar::store {

class ProgramLog {
 public:
  static constexpr std::uint64_t default_limit = 8ull << 20;

  // More than `limit` bytes are dropped after a last line that reports it.
  explicit ProgramLog(fs::path file, std::uint64_t limit = default_limit);

  // From a terminal that only the program writes to.
  [[nodiscard]] Result<void> terminal(std::string_view bytes);
  // From the console: the lines of the kernel, which begin with a time stamp, and those of init are left out.
  [[nodiscard]] Result<void> console(std::string_view bytes);
  // Writes a last line without an end.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] bool cut() const { return cut_; }

 private:
  enum class From { terminal, console };
  Result<void> feed(std::string_view bytes, From from);
  Result<void> end_line(From from);
  Result<void> write(const std::string& line);

  fs::path file_;
  Fd fd_;
  std::uint64_t left_ = 0;
  std::string line_;
  From from_ = From::terminal;
  bool cut_ = false;
};

// The part of a console line that a program printed: nothing of a line of the kernel's. A message of the
// kernel may follow on the same line.
[[nodiscard]] std::string_view program_part(std::string_view console_line);

}  // namespace hangar::store
