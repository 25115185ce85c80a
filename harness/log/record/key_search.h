// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hangar::log {

/// Finds where one of many short keys may begin, 32 bytes at a time. A table for each of a key's bytes maps
/// half a byte to the buckets in which a key has such a byte: one shuffle instruction looks up 32 bytes.
/// Never misses a key; the caller compares. The method is known as Teddy (G. Langdale), the search of
/// Hyperscan for few literals. Hyperscan itself exists for x86 only, and takes longer for more than 32 of
/// them.
class KeySearch {
 public:
  static constexpr std::size_t longest = 5;  // bytes of a key; the others are not compared
  static constexpr unsigned buckets = 8;

  struct Candidate {
    std::uint32_t at = 0;      // in the block
    std::uint8_t buckets = 0;  // a bit for each bucket that may have the key
  };
  using Found = std::vector<Candidate>;

  KeySearch();
  /// Of ASCII. Keys of one bucket should look alike: it finds whatever mixes their bytes.
  void add(std::string_view key, unsigned bucket);
  /// Adds the places in `block` (below 4 GiB) to `found`, in rising order.
  void find(std::string_view block, Found& found) const;
  /// The same on any processor.
  void find_portably(std::string_view block, Found& found) const;

  using Table = std::array<std::uint8_t, 16>;  // bits of the buckets that have no such byte
  struct Tables {
    std::array<Table, longest> low;  // by the lower half of each byte
    std::array<Table, 2> high;       // by the upper half of the second and the third, which suffices
  };

 private:
  Tables tables_;
};

}  // namespace hangar::log
