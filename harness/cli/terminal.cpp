// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/terminal.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <fmt/color.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/output.h"

namespace hangar::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

size_t terminal_width() {
  winsize size = {};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  }
  return 80;
}

bool no_color_asked() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

fmt::text_style style_of(Color color) {
  switch (color) {
    case Color::green:
      return fmt::fg(fmt::terminal_color::green);
    case Color::red:
      return fmt::fg(fmt::terminal_color::red);
    case Color::yellow:
      return fmt::fg(fmt::terminal_color::yellow);
    case Color::dim:
      return fmt::emphasis::faint;
    case Color::bold:
      return fmt::emphasis::bold;
    default:
      return {};
  }
}

// Columns of UTF-8 text, taking a code point as one. wcwidth(3) would know wide ones, but needs a locale, and
// Hangar sets none: its output must not depend on the user's.
size_t columns(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::vector<std::string> wrap_words(std::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string_view word : split(text, ' ')) {
    std::string& line = lines.back();
    if (!line.empty() && columns(line) + 1 + columns(word) > width) {
      lines.emplace_back(word);
    } else {
      line += (line.empty() ? "" : " ") + std::string(word);
    }
  }
  return lines;
}

Terminal::Terminal(bool quiet, bool no_color)
    : quiet_(quiet),
      color_(!no_color && !no_color_asked() && ::isatty(STDOUT_FILENO) == 1),
      redraws_(::isatty(STDERR_FILENO) == 1),
      width_(terminal_width()) {}

Terminal::~Terminal() {
  live_done();
}

void Terminal::say(std::string_view line) {
  if (quiet_) return;
  live_done();
  print_err("{}\n", line);
  std::fflush(stderr);
}

void Terminal::live(std::string_view text) {
  if (quiet_) return;
  const auto now = steady_clock::now();
  if (now - last_live_ < (redraws_ ? milliseconds(100) : milliseconds(10000))) return;
  last_live_ = now;
  if (redraws_) {
    fmt::print(stderr, "\r\033[K{}", ellipsize(text, live_width()));
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  std::fflush(stderr);
}

size_t Terminal::live_width() const {
  constexpr size_t any = 1000;
  return redraws_ ? width_ - 1 : any;
}

void Terminal::live_done() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

std::string Terminal::paint(Color color, std::string_view text) const {
  if (!color_ || color == Color::none) return std::string(text);
  return fmt::format(style_of(color), "{}", text);
}

void print_error(const Error& error) {
  // The text may cite files, compilers and guests: none of it is trusted with the terminal.
  print_err("hangar: {}\n", sanitize_for_terminal(error.message));
  for (const std::string_view line : split(error.detail, '\n'))
    if (!line.empty()) print_err("  {}\n", sanitize_for_terminal(line));
}

namespace {

const char* to_string(Fault fault) {
  switch (fault) {
    case Fault::user:
      return "user";
    case Fault::infra:
      return "infra";
    case Fault::unavailable:
      return "unavailable";
    case Fault::interrupted:
      return "interrupted";
  }
  return "infra";
}

}  // namespace

std::string error_json(const Error& error, int exit_status) {
  const nlohmann::ordered_json out = {{"schema", "hangar.error/1"},
                                      {"fault", to_string(error.fault)},
                                      {"message", error.message},
                                      {"detail", error.detail},
                                      {"exit_status", exit_status}};
  return json_text(out, 1) + "\n";
}

bool wants_json(const std::vector<std::string>& args) {
  return std::find(args.begin(), args.end(), "--json") != args.end();
}

namespace {

struct Layout {
  std::vector<size_t> widths;
  bool below = false;  // the last column goes below its row: beside the others it would be too narrow to read
};

size_t widest_in(const std::vector<std::string>& head, const std::vector<std::vector<TableCell>>& rows,
                 size_t column) {
  size_t widest = columns(head[column]);
  for (const auto& row : rows) widest = std::max(widest, columns(sanitize_for_terminal(row[column].text)));
  return widest;
}

Layout lay_out(const std::vector<std::string>& head, const std::vector<std::vector<TableCell>>& rows,
               size_t width) {
  constexpr size_t readable = 32;
  constexpr size_t indent = 4;
  Layout layout;
  size_t used = 0;
  for (size_t column = 0; column < head.size(); ++column) {
    layout.widths.push_back(widest_in(head, rows, column));
    if (column + 1 < head.size()) used += layout.widths.back() + 2;
  }
  size_t& last = layout.widths.back();
  const size_t left = width > used ? width - used : 0;
  layout.below = last > left && left < readable;
  last = layout.below ? std::max(readable, width - indent) : std::min(last, std::max(readable, left));
  return layout;
}

}  // namespace

size_t table_width(const std::vector<std::string>& head, const std::vector<std::vector<TableCell>>& rows) {
  size_t width = 2 * (head.size() - 1);
  for (size_t column = 0; column < head.size(); ++column) width += widest_in(head, rows, column);
  return width;
}

std::string render_table(const Terminal& terminal, const std::vector<std::string>& head,
                         const std::vector<std::vector<TableCell>>& rows, size_t width) {
  const Layout layout = lay_out(head, rows, width);
  std::string out;
  const auto add_row = [&](const std::vector<TableCell>& row) {
    std::string line;
    for (size_t column = 0; column + 1 < row.size(); ++column) {
      const std::string text = sanitize_for_terminal(row[column].text);
      line += terminal.paint(row[column].color, text) +
              std::string(layout.widths[column] - columns(text) + 2, ' ');
    }
    const auto last = wrap_words(sanitize_for_terminal(row.back().text), layout.widths.back());
    const size_t indent =
        layout.below ? 4
                     : std::accumulate(layout.widths.begin(), layout.widths.end() - 1, 2 * (row.size() - 1));
    if (!layout.below) line += terminal.paint(row.back().color, last.front());
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    for (size_t i = layout.below ? 0 : 1; i < last.size(); ++i) {
      if (!last[i].empty())
        out += std::string(indent, ' ') + terminal.paint(row.back().color, last[i]) + "\n";
    }
  };
  std::vector<TableCell> title;
  for (const std::string& text : head) title.push_back({text, Color::bold});
  add_row(title);
  for (const auto& row : rows) add_row(row);
  return out;
}

}  // namespace hangar::cli
