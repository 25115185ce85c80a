// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <string_view>

#include "harness/log/input/lines.h"

namespace hangar::log {

// Small enough to stay in the cache between two walks over it.
inline constexpr std::size_t block_bytes = std::size_t{64} << 10;

// Cuts chunks into blocks of whole lines, `block(whole)`; the caller reports them to `splitter` (skipped()).
// A line that two chunks or two blocks share goes through the splitter, to `line(text, number, offset)`.
template <typename Block, typename Line>
void feed_blocks(LineSplitter& splitter, std::string_view chunk, Block&& block, Line&& line) {
  const auto first_line = [&] {
    const auto newline = chunk.find('\n');
    const auto head = chunk.substr(0, newline == std::string_view::npos ? chunk.size() : newline + 1);
    splitter.feed(head, line);
    chunk.remove_prefix(head.size());
  };
  if (splitter.pending()) first_line();
  while (!chunk.empty()) {
    const auto last = chunk.substr(0, block_bytes).rfind('\n');
    if (last == std::string_view::npos) {
      first_line();
      continue;
    }
    block(chunk.substr(0, last + 1));
    chunk.remove_prefix(last + 1);
  }
}

}  // namespace hangar::log
