// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// Where the physical lines of a block end, and in which of them the stamp of another message may be: one
// walk for both, 64 bytes at a time, since it is what an ordinary line costs most.
namespace hangar::log {

struct IndexedLine {
  std::uint32_t end;  // offset of its newline in the block
  bool maybe_stamp;   // what begins like one, `[  12.`, is behind its first byte
};

// Of a block of whole lines, below 4 GiB: its last byte is a newline.
void index_lines(std::string_view block, std::vector<IndexedLine>& out);

}  // namespace hangar::log
