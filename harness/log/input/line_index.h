// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// Where the physical lines of a block end, and where stamps may be in them behind a prefix or another
// message: one walk for both, 64 bytes at a time, since it is what an ordinary line costs most.
namespace hangar::log {

struct IndexedLine {
  std::uint32_t end = 0;    // offset of its newline in the block
  std::uint32_t stamp = 0;  // where the first `[  12.` behind its first byte is in the block; 0: nowhere
  bool more = false;        // it has another one
};

// Of a block of whole lines, below 4 GiB: its last byte is a newline.
void index_lines(std::string_view block, std::vector<IndexedLine>& out);

}  // namespace hangar::log
