// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// Where the physical lines of a block end, and where stamps may be in them behind a prefix or another
// message: one walk for both, 64 bytes at a time, since it is what an ordinary line costs most.
namespace hangar::log {

struct IndexedLine {
  std::uint32_t end = 0;         // offset of its newline in the block
  std::uint32_t stamp : 31 = 0;  // where the first `[  12.` behind its first byte is in the block; 0: nowhere
  bool more : 1 = false;         // it has another one
};

// Of 64 bytes: a bit for each, the lowest for the first.
struct LineMasks {
  std::uint64_t newlines = 0;
  std::uint64_t brackets = 0;  // with a byte behind them that can be a stamp's
};

class LineIndex {
 public:
  // Of a block of whole lines, below 2 GiB: its last byte is a newline. Valid until the next call.
  [[nodiscard]] std::span<const IndexedLine> of(std::string_view block);

 private:
  std::vector<LineMasks> masks_;
  std::vector<IndexedLine> lines_;
};

}  // namespace hangar::log
