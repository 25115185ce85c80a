// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/store/run_directory.h"
#include "harness/store/serial.h"

namespace hangar::store {
namespace {

constexpr const char* tail_name = "serial.tail";

Result<Fd> create_file(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot write " + file.string());
  return fd;
}

// How many of `bytes` could be written at `offset` (-1: behind the last); errno has the reason if not all.
size_t write_what_fits(int fd, std::string_view bytes, off_t offset = -1) {
  size_t done = 0;
  while (done < bytes.size()) {
    const char* from = bytes.data() + done;
    const size_t left = bytes.size() - done;
    const ssize_t put =
        offset < 0 ? ::write(fd, from, left) : ::pwrite(fd, from, left, offset + static_cast<off_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;
    done += static_cast<size_t>(put);
  }
  return done;
}

}  // namespace

SerialWriter::SerialWriter(fs::path directory, std::uint64_t limit)
    : directory_(std::move(directory)), half_(std::max<std::uint64_t>(limit / 2, 1)) {}

Result<SerialWriter> SerialWriter::create(const fs::path& directory, std::uint64_t limit) {
  SerialWriter writer(directory, limit);
  TRY_ASSIGN(writer.log_, create_file(directory / names::serial));
  TRY_ASSIGN(writer.index_, create_file(directory / names::serial_times));
  return writer;
}

Result<void> SerialWriter::append(std::string_view bytes, double seconds) {
  const std::uint64_t begin = received_;
  received_ += bytes.size();
  if (bytes.empty()) return {};
  if (failed_) {
    lost_ += bytes.size();
    return {};
  }
  note_time(begin, seconds);
  const size_t for_head = begin < half_ ? std::min<std::uint64_t>(bytes.size(), half_ - begin) : 0;
  size_t kept = write_what_fits(log_.get(), bytes.substr(0, for_head));
  if (kept == for_head) kept += write_ring(bytes.substr(for_head), begin + for_head);
  if (kept == bytes.size()) return {};
  failed_ = true;
  lost_ += bytes.size() - kept;
  return errno_error("cannot write the console's log in " + directory_.string());
}

// The index of the head is written at once, so that it survives the worker; that of the tail moves with it.
void SerialWriter::note_time(std::uint64_t offset, double seconds) {
  if (last_entry_s_ >= 0 && seconds - last_entry_s_ < resolution_s) return;
  last_entry_s_ = seconds;
  if (offset < half_) {
    write_entry(offset, seconds);
    return;
  }
  tail_times_.push_back({offset, seconds});
  const std::uint64_t oldest = received_ - std::min(received_, half_);
  while (tail_times_.size() > 1 && tail_times_[1].offset <= oldest) tail_times_.pop_front();
}

void SerialWriter::write_entry(std::uint64_t offset, double seconds) const {
  // Times that do not fit on a full disk are not needed: the bytes do not fit either.
  (void)write_what_fits(index_.get(), fmt::format("{} {:.6f}\n", offset, seconds));
}

size_t SerialWriter::write_ring(std::string_view bytes, std::uint64_t offset) {
  if (bytes.empty()) return 0;
  if (!tail_) {
    tail_ = Fd(::open((directory_ / tail_name).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!tail_) return 0;
  }
  size_t done = 0;
  while (done < bytes.size()) {
    const std::uint64_t at = (offset + done - half_) % half_;
    const std::string_view piece = bytes.substr(done, half_ - at);
    const size_t put = write_what_fits(tail_.get(), piece, static_cast<off_t>(at));
    done += put;
    if (put < piece.size()) break;
  }
  return done;
}

std::string SerialWriter::read_ring(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t at = (offset - half_) % half_;
  std::string bytes(std::min(size, half_ - at), '\0');
  const ssize_t got = ::pread(tail_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
  bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return bytes;
}

// A cut tail starts with a whole line, where there is one near.
std::uint64_t SerialWriter::first_line_from(std::uint64_t offset, std::uint64_t end) const {
  const std::string near = read_ring(offset, std::min<std::uint64_t>(end - offset, 64 << 10));
  const size_t newline = near.find('\n');
  return newline == std::string::npos ? offset : offset + newline + 1;
}

Result<void> SerialWriter::finish() {
  auto joined = tail_ ? join_tail() : Result<void>();
  if (joined && tail_) ::unlink((directory_ / tail_name).c_str());
  tail_.reset();
  return joined;
}

Result<void> SerialWriter::join_tail() {
  const Error full = infra_error("cannot put the end of the console's log into " + directory_.string() +
                                 ": no space? It stays in " + tail_name);
  const std::uint64_t end = received_ - lost_;
  std::uint64_t begin = end - std::min(end - half_, half_);
  std::uint64_t at = half_;  // where it goes in the file
  if (begin > half_) {
    begin = first_line_from(begin, end);
    cut_ = begin - half_;
    const std::string marker =
        fmt::format("\n[hangar: {} bytes of console output are left out here]\n", cut_);
    if (write_what_fits(log_.get(), marker) < marker.size()) return full;
    at += marker.size();
  }
  move_times(begin, at);
  for (std::uint64_t from = begin; from < end;) {
    const std::string bytes = read_ring(from, std::min<std::uint64_t>(end - from, 1 << 20));
    if (bytes.empty() || write_what_fits(log_.get(), bytes) < bytes.size()) return full;
    from += bytes.size();
  }
  return {};
}

// The tail that is at `begin` in the stream is at `at` in the file.
void SerialWriter::move_times(std::uint64_t begin, std::uint64_t at) const {
  for (size_t i = 0; i < tail_times_.size(); ++i) {
    const bool gone = i + 1 < tail_times_.size() && tail_times_[i + 1].offset <= begin;
    if (!gone) write_entry(at + std::max(tail_times_[i].offset, begin) - begin, tail_times_[i].seconds);
  }
}

}  // namespace hangar::store
