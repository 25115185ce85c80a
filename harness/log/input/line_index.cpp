// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/input/line_index.h"

#include <array>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hangar::log {
namespace {

constexpr std::size_t step = 64;

struct Masks {  // a bit for each byte, the lowest for the first
  std::uint64_t newlines = 0;
  std::uint64_t brackets = 0;
};

Masks masks_of(const char* bytes) {
  Masks out;
#ifdef __SSE2__
  const __m128i newline = _mm_set1_epi8('\n');
  const __m128i bracket = _mm_set1_epi8('[');
  const auto mask = [](__m128i equal) {
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(equal)));
  };
  for (unsigned i = 0; i < step; i += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    out.newlines |= mask(_mm_cmpeq_epi8(part, newline)) << i;
    out.brackets |= mask(_mm_cmpeq_epi8(part, bracket)) << i;
  }
#else
  for (unsigned i = 0; i < step; ++i) {
    out.newlines |= std::uint64_t{bytes[i] == '\n'} << i;
    out.brackets |= std::uint64_t{bytes[i] == '['} << i;
  }
#endif
  return out;
}

// `[` blanks digits `.`: a newline ends each line, so the walk ends too.
bool opens_stamp(const char* bracket) {
  const char* p = bracket + 1;
  while (*p == ' ') ++p;
  const char* const digits = p;
  while (*p >= '0' && *p <= '9') ++p;
  return p != digits && *p == '.';
}

// Notes what begins a stamp; `at` is where `bytes` are in the block.
void note_stamps(std::uint64_t brackets, const char* bytes, std::size_t at, IndexedLine& line) {
  for (; brackets != 0; brackets &= brackets - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(brackets));
    if (!opens_stamp(bytes + i)) continue;
    line.more = line.stamp != 0;
    if (line.more) return;
    line.stamp = static_cast<std::uint32_t>(at) + i;
  }
}

}  // namespace

void index_lines(std::string_view block, std::vector<IndexedLine>& out) {
  out.clear();
  IndexedLine line;
  std::uint64_t line_begins = 1;  // at the first byte of the step
  for (std::size_t at = 0; at < block.size(); at += step) {
    const char* bytes = block.data() + at;
    std::array<char, step> last{};
    if (block.size() - at < step) {
      std::memcpy(last.data(), bytes, block.size() - at);
      bytes = last.data();
    }
    auto [newlines, brackets] = masks_of(bytes);
    brackets &= ~(newlines << 1 | line_begins);
    line_begins = newlines >> (step - 1);
    for (; newlines != 0; newlines &= newlines - 1) {
      const std::uint64_t before = (newlines & (0 - newlines)) - 1;
      note_stamps(brackets & before, bytes, at, line);
      line.end = static_cast<std::uint32_t>(at) + static_cast<unsigned>(std::countr_zero(newlines));
      out.push_back(line);
      line = {};
      brackets &= ~before;
    }
    note_stamps(brackets, bytes, at, line);
  }
}

}  // namespace hangar::log
