// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/input/source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/log/input/decoder.h"

namespace hangar::log {
namespace {

Compression by_magic(std::string_view head) {
  if (head.starts_with(std::string_view("\xfd"
                                        "7zXZ\0",
                                        6)))
    return Compression::xz;
  if (head.starts_with("\x1f\x8b")) return Compression::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

Result<Fd> open_input(const std::string& path) {
  Fd fd(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  auto error = errno_error("opening the log " + path);
  error.fault = Fault::user;
  return error;
}

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// read(2) that a signal ends even when nothing comes: a pipe or a terminal may stay silent forever.
Result<std::size_t> read_some(int fd, bool regular, char* buffer, std::size_t size, const std::string& name) {
  for (;;) {
    if (!regular) {
      std::array<pollfd, 2> waiting = {pollfd{fd, POLLIN, 0}, pollfd{Cancel::fd(), POLLIN, 0}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR)
        return errno_error("waiting for the log " + name);
    }
    if (Cancel::requested()) return interrupted_error();
    const ssize_t n = ::read(fd, buffer, size);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR || errno == EAGAIN) continue;
    auto error = errno_error("reading the log " + name);
    if (errno == EISDIR) error.fault = Fault::user;
    return error;
  }
}

}  // namespace

const char* to_string(Compression compression) {
  switch (compression) {
    case Compression::xz:
      return "xz";
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    default:
      return "none";
  }
}

RawInput::RawInput(Fd fd, std::string name, std::string head)
    : fd_(std::move(fd)), name_(std::move(name)), head_(std::move(head)), regular_(is_regular(fd_.get())) {}

Result<std::size_t> RawInput::read(char* buffer, std::size_t size) {
  if (head_used_ < head_.size()) {
    const std::size_t n = std::min(size, head_.size() - head_used_);
    std::memcpy(buffer, head_.data() + head_used_, n);
    head_used_ += n;
    return n;
  }
  return read_some(fd_.get(), regular_, buffer, size, name_);
}

bool RawInput::starts_over() {
  struct stat status {};
  if (!regular_ || ::fstat(fd_.get(), &status) != 0) return false;
  const off_t at = ::lseek(fd_.get(), 0, SEEK_CUR);
  return at > status.st_size && ::lseek(fd_.get(), 0, SEEK_SET) == 0;
}

ByteSource::ByteSource(std::unique_ptr<Decoder> decoder, Compression compression, bool may_grow)
    : decoder_(std::move(decoder)), compression_(compression), may_grow_(may_grow) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::string& path) {
  TRY_ASSIGN(Fd fd, open_input(path));
  const bool regular = is_regular(fd.get());
  std::string head(6, '\0');
  std::size_t have = 0;
  while (have < head.size()) {
    TRY_ASSIGN(const std::size_t n,
               read_some(fd.get(), regular, head.data() + have, head.size() - have, path));
    if (n == 0) break;
    have += n;
  }
  head.resize(have);
  const auto compression = by_magic(head);
  TRY_ASSIGN(auto decoder, make_decoder(compression, RawInput(std::move(fd), path, std::move(head))));
  return ByteSource(std::move(decoder), compression, regular && compression == Compression::none);
}

Result<std::size_t> ByteSource::read(char* buffer, std::size_t size) {
  return decoder_->read(buffer, size);
}
bool ByteSource::starts_over() {
  return decoder_->starts_over();
}
Compression ByteSource::compression() const {
  return compression_;
}

}  // namespace hangar::log
