// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/fd.h"
#include "harness/log/input/source.h"

// The decompressors behind ByteSource. Each owns its input.
//
// libarchive (3.6.2, raw format) does not serve for .gz and .zst. It drops the block of 64 or 128 KiB in
// which the data ends or is damaged, and that is where a log that was cut has its crash. It does not check
// the CRC of .gz, takes garbage behind the end as the end, and a .gz that is cut within its header as text.
namespace hangar::log {

// Raw bytes of a descriptor, the first of them already read to tell the format.
class RawInput {
 public:
  RawInput(Fd fd, std::string name, std::string head);
  [[nodiscard]] Result<std::size_t> read(char* buffer, std::size_t size);
  [[nodiscard]] const std::string& name() const { return name_; }
  // False for a pipe or a terminal, whose end is final and whose reads may wait.
  [[nodiscard]] bool regular() const { return regular_; }
  [[nodiscard]] bool starts_over();  // as ByteSource has it

 private:
  Fd fd_;
  std::string name_;
  std::string head_;
  std::size_t head_used_ = 0;
  bool regular_ = false;
};

class ByteSource::Decoder {
 public:
  virtual ~Decoder() = default;
  // As ByteSource::read().
  [[nodiscard]] Result<std::size_t> read(char* buffer, std::size_t size);
  [[nodiscard]] virtual bool starts_over() { return false; }

 protected:
  // Names the file and what is wrong with it, and how much was read before that.
  [[nodiscard]] Error damaged(const std::string& name, const std::string& what) const;

 private:
  [[nodiscard]] virtual Result<std::size_t> decode(char* buffer, std::size_t size) = 0;
  std::uint64_t decoded_ = 0;
};

[[nodiscard]] Result<std::unique_ptr<ByteSource::Decoder>> make_decoder(Compression compression,
                                                                        RawInput input);

}  // namespace hangar::log
