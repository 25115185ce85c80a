// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "harness/base/result.h"

// Bytes of a log: a plain, .xz, .gz or .zst file or standard input (`-`), told apart by their first bytes,
// decompressed as they are read.
namespace hangar::log {

enum class Compression { none, xz, gzip, zstd };
[[nodiscard]] const char* to_string(Compression compression);

class ByteSource {
 public:
  // `path` may be "-". The error says what could not be opened.
  [[nodiscard]] static Result<ByteSource> open(const std::string& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Up to `size` bytes; 0 is the end. A damaged compressed file is an error after what could be read.
  [[nodiscard]] Result<std::size_t> read(char* buffer, std::size_t size);
  [[nodiscard]] Compression compression() const;

  class Decoder;

 private:
  explicit ByteSource(std::unique_ptr<Decoder> decoder, Compression compression);
  std::unique_ptr<Decoder> decoder_;
  Compression compression_ = Compression::none;
};

}  // namespace hangar::log
