// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/input/lines.h"

#include <algorithm>

#include "harness/log/record/scan.h"

namespace hangar::log {

std::map<std::uint64_t, std::string> pick_lines(std::string_view bytes, std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::map<std::uint64_t, std::string> out;
  LineSplitter splitter;
  const auto take = [&](std::string_view text, std::uint64_t number, std::uint64_t) {
    if (std::binary_search(numbers.begin(), numbers.end(), number)) out.emplace(number, trim_right(text));
  };
  splitter.feed(bytes, take);
  splitter.finish(take);
  return out;
}

}  // namespace hangar::log
