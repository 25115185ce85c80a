// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "harness/base/fd.h"
#include "harness/log/input/source.h"

// The decompressors behind ByteSource. Each owns its input.
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
  [[nodiscard]] virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
  [[nodiscard]] virtual bool starts_over() { return false; }
};

[[nodiscard]] Result<std::unique_ptr<ByteSource::Decoder>> make_decoder(Compression compression,
                                                                        RawInput input);

}  // namespace hangar::log
