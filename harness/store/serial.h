// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// The console's raw bytes and when they came. serial.log has the bytes; serial.idx has lines
// "<offset> <seconds>": the byte at that offset of serial.log came at that time of the run's clock (host
// monotonic, from QEMU's start), so that a silence has a length even when the guest's clock stopped.
namespace hangar::store {

class SerialWriter {
 public:
  // The least distance of entries of serial.idx, in seconds: times are exact to that.
  static constexpr double resolution_s = 0.005;
  static constexpr std::uint64_t default_limit = 256ull << 20;

  // New files in `directory`. A console that writes more than `limit` keeps its first and its last half, with
  // a marker line between them with the number of missing bytes.
  [[nodiscard]] static Result<SerialWriter> create(const fs::path& directory,
                                                   std::uint64_t limit = default_limit);

  // Appends what came at `seconds`. The first failure to write (a full disk) is returned; what comes later is
  // counted and dropped without an error, since the run's end matters more.
  [[nodiscard]] Result<void> append(std::string_view bytes, double seconds);
  // Puts marker and tail behind the head when there was too much. Call once. (Compressing puts the log onto
  // the disk; waiting for that here too took 14 ms of every run.)
  [[nodiscard]] Result<void> finish();

  // All that came, kept or not.
  [[nodiscard]] std::uint64_t received() const { return received_; }
  // What is not in the files: cut from the middle (known after finish()), or not written for want of space.
  [[nodiscard]] std::uint64_t dropped() const { return cut_ + lost_; }

 private:
  struct Entry {
    std::uint64_t offset = 0;  // in the stream, not in the file
    double seconds = 0;
  };

  SerialWriter(fs::path directory, std::uint64_t limit);
  void note_time(std::uint64_t offset, double seconds);
  void write_entry(std::uint64_t offset, double seconds) const;
  std::size_t write_ring(std::string_view bytes, std::uint64_t offset);
  [[nodiscard]] std::string read_ring(std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] std::uint64_t first_line_from(std::uint64_t offset, std::uint64_t end) const;
  Result<void> join_tail();
  void move_times(std::uint64_t begin, std::uint64_t at) const;

  fs::path directory_;
  std::uint64_t half_ = 0;
  Fd log_;
  Fd index_;
  Fd tail_;  // a ring of half_ bytes: a file, since eight workers must not hold it in memory
  std::uint64_t received_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t lost_ = 0;
  double last_entry_s_ = -1;
  std::deque<Entry> tail_times_;
  bool failed_ = false;
};

// serial.idx in memory.
class SerialTimes {
 public:
  // A missing file has no times; a torn last line or one that goes backwards is passed over.
  [[nodiscard]] static Result<SerialTimes> load(const fs::path& file);
  [[nodiscard]] static SerialTimes parse(std::string_view text);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // When the byte at `offset` of the decompressed serial.log came; 0 when nothing is known.
  [[nodiscard]] double at(std::uint64_t offset) const;
  // (offset, seconds), both rising.
  [[nodiscard]] const std::vector<std::pair<std::uint64_t, double>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::uint64_t, double>> entries_;
};

}  // namespace hangar::store
