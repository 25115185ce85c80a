// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/input/line_index.h"

#include <algorithm>
#include <array>
#include <bit>
#ifdef __x86_64__
#include <immintrin.h>
#endif

// Newer processors have instructions that count and find bits. What is called has to be inline to use them.
#define HANGAR_INLINE inline __attribute__((always_inline))
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HANGAR_FOR_NEWER_PROCESSORS __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define HANGAR_FOR_NEWER_PROCESSORS
#endif

namespace hangar::log {
namespace {

constexpr std::size_t step = 64;

// Of `step` bytes, and the one behind them.
LineMasks masks_of(const char* bytes) {
  LineMasks out;
#ifdef __x86_64__
  const __m128i newline = _mm_set1_epi8('\n');
  const __m128i bracket = _mm_set1_epi8('[');
  const __m128i blank = _mm_set1_epi8(' ');  // up to '9'
  const __m128i widest = _mm_set1_epi8('9' - ' ');
  const auto mask = [](__m128i equal) {
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(equal)));
  };
  for (unsigned i = 0; i < step; i += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    const __m128i next =
        _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i + 1)), blank);
    const __m128i opens = _mm_cmpeq_epi8(_mm_min_epu8(next, widest), next);
    out.newlines |= mask(_mm_cmpeq_epi8(part, newline)) << i;
    out.brackets |= mask(_mm_and_si128(_mm_cmpeq_epi8(part, bracket), opens)) << i;
  }
#else
  for (unsigned i = 0; i < step; ++i) {
    out.newlines |= std::uint64_t{bytes[i] == '\n'} << i;
    out.brackets |= std::uint64_t{bytes[i] == '[' && bytes[i + 1] >= ' ' && bytes[i + 1] <= '9'} << i;
  }
#endif
  return out;
}

#ifdef __x86_64__
// The same with wider registers.
__attribute__((target("avx2"))) LineMasks wide_masks_of(const char* bytes) {
  constexpr unsigned width = 32;
  const __m256i newline = _mm256_set1_epi8('\n');
  const __m256i bracket = _mm256_set1_epi8('[');
  const __m256i blank = _mm256_set1_epi8(' ');
  const __m256i widest = _mm256_set1_epi8('9' - ' ');
  LineMasks out;
#pragma GCC unroll 2
  for (unsigned i = 0; i < step; i += width) {
    const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
    const __m256i next =
        _mm256_sub_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i + 1)), blank);
    const __m256i opens = _mm256_cmpeq_epi8(_mm256_min_epu8(next, widest), next);
    const __m256i stamps = _mm256_and_si256(_mm256_cmpeq_epi8(part, bracket), opens);
    const auto ends = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(part, newline)));
    out.newlines |= std::uint64_t{ends} << i;
    out.brackets |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(stamps))} << i;
  }
  return out;
}

// Of the steps that have a byte behind them in the block: how many these are.
__attribute__((target("avx2"))) std::size_t wide_masks(std::string_view block, LineMasks* out) {
  std::size_t i = 0;
  for (; (i + 1) * step < block.size(); ++i) out[i] = wide_masks_of(block.data() + i * step);
  return i;
}

bool has_wide_masks() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#else
std::size_t wide_masks(std::string_view, LineMasks*) {
  return 0;
}
bool has_wide_masks() {
  return false;
}
#endif

void masks_of_all(std::string_view block, LineMasks* out) {
  std::size_t i = has_wide_masks() ? wide_masks(block, out) : 0;
  for (; (i + 1) * step < block.size(); ++i) out[i] = masks_of(block.data() + i * step);
  std::array<char, step + 1> last{};
  std::copy(block.begin() + static_cast<std::ptrdiff_t>(i * step), block.end(), last.begin());
  out[i] = masks_of(last.data());
}

// `[` blanks digits `.`: a newline ends each line, so the walk ends too.
bool opens_stamp(const char* bracket) {
  const char* p = bracket + 1;
  while (*p == ' ') ++p;
  const char* const digits = p;
  while (*p >= '0' && *p <= '9') ++p;
  return p != digits && *p == '.';
}

HANGAR_INLINE unsigned ones(std::uint64_t mask) {
  return static_cast<unsigned>(std::popcount(mask));
}

// Notes what begins a stamp. `line` is the first one that ends in the step, `at` where `bytes` are.
HANGAR_INLINE void note_stamps(LineMasks masks, const char* bytes, std::size_t at, IndexedLine* line) {
  for (std::uint64_t left = masks.brackets; left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    if (!opens_stamp(bytes + i)) continue;
    IndexedLine& one = line[ones(masks.newlines & ((left & (0 - left)) - 1))];
    one.more = one.stamp != 0;
    if (!one.more) one.stamp = static_cast<std::uint32_t>(at) + i;
  }
}

// Notes the ends of lines. Without a branch for each: how many there are in a step cannot be predicted.
HANGAR_INLINE unsigned note_ends(std::uint64_t newlines, std::size_t at, IndexedLine* line) {
  constexpr unsigned usual = 2;
  const unsigned count = ones(newlines);
  const auto note = [&](unsigned i) {
    line[i].end = static_cast<std::uint32_t>(at) + static_cast<unsigned>(std::countr_zero(newlines));
    line[i + 1] = {};
    newlines &= newlines - 1;
  };
  for (unsigned i = 0; i < usual; ++i) note(i);
  for (unsigned i = usual; i < count; ++i) note(i);
  return count;
}

}  // namespace

HANGAR_FOR_NEWER_PROCESSORS std::span<const IndexedLine> LineIndex::of(std::string_view block) {
  std::size_t count = 0;
  std::uint64_t line_begins = 1;  // at the first byte of the step
  lines_.resize(std::max(lines_.size(), 2 * step));
  lines_.front() = {};
  masks_.resize(std::max(masks_.size(), block.size() / step + 1));
  masks_of_all(block, masks_.data());
  for (std::size_t at = 0; at < block.size(); at += step) {
    const char* const bytes = block.data() + at;
    if (count + 2 * step > lines_.size()) lines_.resize(2 * lines_.size());
    LineMasks masks = masks_[at / step];
    masks.brackets &= ~(masks.newlines << 1 | line_begins);
    line_begins = masks.newlines >> (step - 1);
    IndexedLine* const line = lines_.data() + count;
    count += note_ends(masks.newlines, at, line);
    if (masks.brackets != 0) note_stamps(masks, bytes, at, line);
  }
  return {lines_.data(), count};
}

}  // namespace hangar::log
