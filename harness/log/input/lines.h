// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Physical lines out of bytes that come in any chunks, and the text of lines by number, for citing.
namespace hangar::log {

// A longer line is cut to this: a gigabyte without a newline must not cost a gigabyte.
inline constexpr std::size_t max_line_bytes = 65536;

// Cuts a stream into lines. Whatever the chunks, the lines are the same; only one that spans chunks is
// copied.
class LineSplitter {
 public:
  // Calls `line(text, number, offset)` for each line that `chunk` completes; the view is valid during the
  // call.
  template <typename F>
  void feed(std::string_view chunk, F&& line) {
    while (!chunk.empty()) {
      const auto* newline = static_cast<const char*>(std::memchr(chunk.data(), '\n', chunk.size()));
      if (newline == nullptr) {
        keep(chunk);
        return;
      }
      const auto size = static_cast<std::size_t>(newline - chunk.data());
      complete(chunk.substr(0, size), line);
      chunk.remove_prefix(size + 1);
    }
  }
  // The last line, when the stream did not end in a newline.
  template <typename F>
  bool finish(F&& line) {
    if (pending_bytes_ == 0) return false;
    complete({}, line);
    --offset_;  // there was no newline
    return true;
  }
  [[nodiscard]] std::uint64_t lines() const { return number_; }
  [[nodiscard]] std::uint64_t bytes() const { return offset_ + pending_bytes_; }
  // Lines of which only the beginning was passed on.
  [[nodiscard]] std::uint64_t long_lines() const { return long_lines_; }
  [[nodiscard]] bool pending() const { return pending_bytes_ > 0; }
  // A caller that has walked over whole lines itself reports it here.
  void skipped(std::uint64_t lines, std::uint64_t bytes) {
    number_ += lines;
    offset_ += bytes;
  }

 private:
  void keep(std::string_view part) {
    pending_bytes_ += part.size();
    if (pending_.size() < max_line_bytes) pending_.append(part.substr(0, max_line_bytes - pending_.size()));
  }
  template <typename F>
  void complete(std::string_view part, F&& line) {
    ++number_;
    if (pending_bytes_ + part.size() > max_line_bytes) ++long_lines_;
    if (pending_bytes_ == 0) {
      line(part.substr(0, max_line_bytes), number_, offset_);
      offset_ += part.size() + 1;
      return;
    }
    keep(part);
    line(std::string_view(pending_), number_, offset_);
    offset_ += pending_bytes_ + 1;
    pending_.clear();
    pending_bytes_ = 0;
  }

  std::string pending_;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t long_lines_ = 0;
};

// The text of these physical lines (1-based, any order), without CR; numbers that do not exist are left out.
[[nodiscard]] std::map<std::uint64_t, std::string> pick_lines(std::string_view bytes,
                                                              std::vector<std::uint64_t> numbers);

}  // namespace hangar::log
