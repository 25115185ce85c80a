// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

// The usual width of a printk stamp, `[%5lu.%06lu]`, eight bytes at once: most of a log's stamps. In a
// header, since it is most of what an ordinary line costs.
namespace hangar::log {

static_assert(std::endian::native == std::endian::little);
inline constexpr std::size_t usual_stamp_size = 14;

namespace stamp {

inline constexpr std::uint64_t high_bits = 0x8080808080808080;

inline std::uint64_t eight_bytes(const char* at) {
  std::uint64_t v = 0;
  std::memcpy(&v, at, sizeof v);
  return v;
}

// The number of eight decimal digits (their values, a byte each, the first digit in the lowest), in three
// multiplications.
inline std::int64_t number_of(std::uint64_t digits) {
  constexpr std::uint64_t pairs = 0x000000ff000000ff;
  digits = digits * 10 + (digits >> 8);
  return static_cast<std::int64_t>(
      ((digits & pairs) * 0x000f424000000064 + ((digits >> 16) & pairs) * 0x0000271000000001) >> 32);
}

// `.dddddd]`; -1 when it is something else.
inline std::int64_t micros_of(const char* dot) {
  const std::uint64_t v = eight_bytes(dot) ^ 0x5d3030303030302e;  // the digits, and zero for both marks
  if ((((v + 0x7f7676767676767f) | v) & high_bits) != 0) return -1;
  return number_of(v << 8);
}

// `[ddddd`, blanks in place of leading zeros but the last digit; -1 when it is something else.
inline std::int64_t seconds_of(const char* bracket) {
  constexpr std::uint64_t blank = 0x10;  // what is left of one
  if (*bracket != '[') return -1;
  const std::uint64_t v = (eight_bytes(bracket) >> 8 & 0x000000ffffffffff) ^ 0x0000003030303030;
  const std::uint64_t blanks = v & 0x0000001010101010;
  const std::uint64_t in_blanks = blanks / blank * 0xff;  // every bit of those bytes
  const std::uint64_t digits = v ^ blanks;
  const bool leading = (in_blanks & (in_blanks + 1)) == 0 && in_blanks < 0x000000ff00000000;
  if (!leading || (digits & in_blanks) != 0 || (((digits + 0x7676767676) | v) & high_bits) != 0) return -1;
  return number_of(digits << 24);
}

}  // namespace stamp

/// Of `usual_stamp_size` bytes.
[[nodiscard]] inline bool usual_stamp(const char* t, std::int64_t& time_us) {
  const auto micros = stamp::micros_of(t + 6);
  const auto seconds = stamp::seconds_of(t);
  if (micros < 0 || seconds < 0) return false;
  time_us = seconds * 1'000'000 + micros;
  return true;
}

/// The same, of a line whose seconds are nearly always those of the line before.
class StampMemo {
 public:
  [[nodiscard]] bool usual_stamp(const char* t, std::int64_t& time_us) {
    constexpr unsigned behind_seconds = 16;  // bits
    const std::uint64_t head = stamp::eight_bytes(t) << behind_seconds;
    if (head != head_) {
      const auto seconds = stamp::seconds_of(t);
      if (seconds < 0) return false;
      head_ = head;
      seconds_us_ = seconds * 1'000'000;
    }
    const auto micros = stamp::micros_of(t + 6);
    if (micros < 0) return false;
    time_us = seconds_us_ + micros;
    return true;
  }

 private:
  std::uint64_t head_ = ~std::uint64_t{0};  // `[` and the seconds in the upper bytes; of no line at first
  std::int64_t seconds_us_ = 0;
};

}  // namespace hangar::log
