// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/source.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "harness/log/decoder.h"

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
    : fd_(std::move(fd)), name_(std::move(name)), head_(std::move(head)) {}

Result<std::size_t> RawInput::read(char* buffer, std::size_t size) {
  if (head_used_ < head_.size()) {
    const std::size_t n = std::min(size, head_.size() - head_used_);
    std::memcpy(buffer, head_.data() + head_used_, n);
    head_used_ += n;
    return n;
  }
  for (;;) {
    const ssize_t n = ::read(fd_.get(), buffer, size);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return errno_error("reading the log " + name_);
  }
}

ByteSource::ByteSource(std::unique_ptr<Decoder> decoder, Compression compression)
    : decoder_(std::move(decoder)), compression_(compression) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::string& path) {
  TRY_ASSIGN(Fd fd, open_input(path));
  std::string head(6, '\0');
  std::size_t have = 0;
  while (have < head.size()) {
    const ssize_t n = ::read(fd.get(), head.data() + have, head.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto error = errno_error("reading the log " + path);
      error.fault = Fault::user;  // a folder, most likely
      return error;
    }
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  head.resize(have);
  const auto compression = by_magic(head);
  TRY_ASSIGN(auto decoder, make_decoder(compression, RawInput(std::move(fd), path, std::move(head))));
  return ByteSource(std::move(decoder), compression);
}

Result<std::size_t> ByteSource::read(char* buffer, std::size_t size) {
  return decoder_->read(buffer, size);
}
Compression ByteSource::compression() const {
  return compression_;
}

}  // namespace hangar::log
