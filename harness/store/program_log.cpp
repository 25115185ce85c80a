// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/program_log.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::store {
namespace {

// A line that never ends is cut into such pieces.
constexpr std::size_t longest_line = 64 << 10;

// "[    1.234567]", as printk prints it (CONFIG_PRINTK_TIME).
bool is_stamp(std::string_view text) {
  std::size_t at = std::min(text.find_first_not_of(' ', 1), text.size());
  const std::size_t seconds = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == seconds || at == text.size() || text[at] != '.') return false;
  const std::string_view rest = text.substr(at + 1);
  return rest.size() > 6 && std::all_of(rest.begin(), rest.begin() + 6, is_digit) && rest[6] == ']';
}

}  // namespace

std::string_view program_part(std::string_view console_line) {
  constexpr std::string_view of_init = "hangar: ";
  if (console_line.starts_with(of_init)) return {};
  for (std::size_t at = console_line.find('['); at != std::string_view::npos;
       at = console_line.find('[', at + 1)) {
    if (is_stamp(console_line.substr(at))) return console_line.substr(0, at);
  }
  return console_line;
}

ProgramLog::ProgramLog(fs::path file, std::uint64_t limit) : file_(std::move(file)), left_(limit) {}

Result<void> ProgramLog::terminal(std::string_view bytes) {
  return feed(bytes, From::terminal);
}

Result<void> ProgramLog::console(std::string_view bytes) {
  return feed(bytes, From::console);
}

Result<void> ProgramLog::finish() {
  return line_.empty() ? Result<void>() : end_line(from_);
}

Result<void> ProgramLog::feed(std::string_view bytes, From from) {
  from_ = from;
  while (!bytes.empty() && !cut_) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    line_ += bytes.substr(0, end);
    const bool whole = end < bytes.size();
    bytes.remove_prefix(whole ? end + 1 : end);
    if (whole || line_.size() > longest_line) TRY(end_line(from));
  }
  return {};
}

Result<void> ProgramLog::end_line(From from) {
  std::string line;
  line.swap(line_);
  while (line.ends_with('\r')) line.pop_back();
  const std::string_view part = from == From::console ? program_part(line) : std::string_view(line);
  if (from == From::console && part.empty() && !line.empty()) return {};
  return write(sanitize_for_terminal(part) + "\n");
}

Result<void> ProgramLog::write(const std::string& line) {
  if (!fd_) {
    fd_.reset(::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
    if (!fd_) return errno_error("cannot write " + file_.string());
  }
  cut_ = line.size() > left_;
  left_ -= cut_ ? 0 : line.size();
  auto written = write_all(fd_.get(), cut_ ? "[hangar: the limit is reached; the rest was dropped]\n" : line);
  return written ? Result<void>() : std::move(written).error().within("writing " + file_.string());
}

}  // namespace hangar::store
