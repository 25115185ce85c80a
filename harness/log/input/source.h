// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "harness/base/result.h"

// Bytes of a log: a plain, .xz, .gz or .zst file or standard input (`-`), recognised by their first bytes,
// decompressed as they are read.
namespace hangar::log {

enum class Compression { none, xz, gzip, zstd };
[[nodiscard]] const char* to_string(Compression compression);

class ByteSource {
 public:
  // `path` may be "-". The error names what could not be opened.
  [[nodiscard]] static Result<ByteSource> open(const std::string& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Up to `size` bytes; 0 is the end. Waits on a pipe until there is something, or Hangar is cancelled. A
  // damaged compressed file is an error after what could be read.
  [[nodiscard]] Result<std::size_t> read(char* buffer, std::size_t size);
  [[nodiscard]] Compression compression() const;
  // A plain file: after its end there may be more to read one day.
  [[nodiscard]] bool may_grow() const { return may_grow_; }

  // True when a plain file has become shorter than what was read of it: reading goes on at its start.
  [[nodiscard]] bool starts_over();

  class Decoder;

 private:
  ByteSource(std::unique_ptr<Decoder> decoder, Compression compression, bool may_grow);
  std::unique_ptr<Decoder> decoder_;
  Compression compression_ = Compression::none;
  bool may_grow_ = false;
};

}  // namespace hangar::log
