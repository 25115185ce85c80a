// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// Output for users: messages and progress on stderr, results on stdout. On a terminal one live line is
// redrawn; elsewhere plain lines are printed at intervals.
namespace hangar::cli {

enum class Color { none, green, red, yellow, dim, bold };

class Terminal {
 public:
  Terminal(bool quiet, bool no_color);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // A lasting line on stderr.
  void say(std::string_view line);
  // The live line: redrawn at most ten times a second on a terminal; elsewhere printed when `text` was last
  // printed longer than ten seconds ago.
  void live(std::string_view text);
  // The live line is over: leaves nothing behind.
  void live_done();

  // How long a text live() shows whole: one line of a terminal; elsewhere any.
  [[nodiscard]] size_t live_width() const;

  // Wrapped for stdout's terminal; plain text when stdout is not one.
  [[nodiscard]] std::string paint(Color color, std::string_view text) const;
  [[nodiscard]] size_t width() const { return width_; }

 private:
  bool quiet_;
  bool color_;
  bool redraws_;
  bool drawn_ = false;
  size_t width_;
  std::chrono::steady_clock::time_point last_live_{};
};

// On stderr, as `hangar: MESSAGE` and the detail's lines below it.
void print_error(const Error& error);
// hangar.error/1: what stdout gets with --json when a command ends with an error.
[[nodiscard]] std::string error_json(const Error& error, int exit_status);
[[nodiscard]] bool wants_json(const std::vector<std::string>& args);

// Lines of at most `width` columns, broken at spaces.
[[nodiscard]] std::vector<std::string> wrap_words(std::string_view text, size_t width);

// A table for stdout: the last column takes what is left of `width` and is wrapped, below its row when that
// is too narrow to read. Cells are sanitized.
struct TableCell {
  std::string text;
  Color color = Color::none;
};
// The columns that such a table takes if nothing is wrapped.
[[nodiscard]] size_t table_width(const std::vector<std::string>& head,
                                 const std::vector<std::vector<TableCell>>& rows);
[[nodiscard]] std::string render_table(const Terminal& terminal, const std::vector<std::string>& head,
                                       const std::vector<std::vector<TableCell>>& rows, size_t width);

}  // namespace hangar::cli
