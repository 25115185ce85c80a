// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/key_search.h"

#include <algorithm>
#include <bit>
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace hangar::log {
namespace {

constexpr std::size_t step = 32;
constexpr std::size_t behind = KeySearch::longest - 1;  // bytes that are read behind a step
constexpr unsigned high_at = 1;                         // the first byte whose upper half is compared
constexpr unsigned half = 4;
constexpr unsigned all_missing = 0xff;

void note(std::size_t at, unsigned missing, KeySearch::Found& found) {
  found.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint8_t>(~missing)});
}

// `count` places in `bytes`, behind which there are `behind` more. `at` is where they are in the block.
void find_bytewise(const KeySearch::Tables& tables, const char* bytes, std::size_t count, std::size_t at,
                   KeySearch::Found& found) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 0; i < count; ++i) {
    unsigned missing = 0;
    for (std::size_t k = 0; k < KeySearch::longest; ++k) missing |= tables.low[k][byte(i + k) & 0xfU];
    for (std::size_t k = 0; k < tables.high.size(); ++k)
      missing |= tables.high[k][byte(i + k + high_at) >> half];
    if (missing != all_missing) note(at + i, missing, found);
  }
}

#ifdef __x86_64__
#define HANGAR_AVX2 __attribute__((target("avx2,bmi")))

HANGAR_AVX2 inline __m256i load(const char* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

HANGAR_AVX2 inline __m256i twice(const KeySearch::Table& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// The whole steps of `block`, which is at `base`: where they end. The shuffle takes the lower half of a byte,
// and gives 0 for a byte that is not ASCII: nothing is missing.
HANGAR_AVX2 std::size_t find_in_steps(const KeySearch::Tables& tables, std::string_view block,
                                      std::size_t base, KeySearch::Found& found) {
  static_assert(KeySearch::longest == 5);
  const __m256i low[] = {twice(tables.low[0]), twice(tables.low[1]), twice(tables.low[2]),
                         twice(tables.low[3]), twice(tables.low[4])};
  const __m256i high[] = {twice(tables.high[0]), twice(tables.high[1])};
  const __m256i lower_half = _mm256_set1_epi8(0xf);
  std::size_t at = 0;
  for (; at + step + behind <= block.size(); at += step) {
    const char* const bytes = block.data() + at;
    __m256i missing = _mm256_shuffle_epi8(low[0], load(bytes));
#pragma GCC unroll 8
    for (unsigned k = 1; k < KeySearch::longest; ++k) {
      const __m256i part = load(bytes + k);
      missing = _mm256_or_si256(missing, _mm256_shuffle_epi8(low[k], part));
      if (k < high_at || k >= high_at + std::size(high)) continue;
      const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(part, half), lower_half);
      missing = _mm256_or_si256(missing, _mm256_shuffle_epi8(high[k - high_at], upper));
    }
    auto places = ~static_cast<unsigned>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(missing, _mm256_set1_epi8(static_cast<char>(all_missing)))));
    if (places == 0) continue;
    std::array<std::uint8_t, step> each{};
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(each.data()), missing);
    for (; places != 0; places &= places - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(places));
      note(base + at + i, each[i], found);
    }
  }
  return at;
}

bool has_steps() {
  static const bool has = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
  return has;
}
#else
std::size_t find_in_steps(const KeySearch::Tables&, std::string_view, std::size_t, KeySearch::Found&) {
  return 0;
}
bool has_steps() {
  return false;
}
#endif

}  // namespace

KeySearch::KeySearch() : tables_() {
  for (auto& table : tables_.low) table.fill(all_missing);
  for (auto& table : tables_.high) table.fill(all_missing);
}

void KeySearch::add(std::string_view key, unsigned bucket) {
  const auto has = static_cast<std::uint8_t>(~(1U << bucket));
  const auto allow = [&](Table& table, std::size_t k, unsigned shift) {
    if (k < key.size()) {
      table[static_cast<unsigned char>(key[k]) >> shift & 0xfU] &= has;
    } else {
      for (auto& entry : table) entry &= has;
    }
  };
  for (std::size_t k = 0; k < longest; ++k) allow(tables_.low[k], k, 0);
  for (std::size_t k = 0; k < tables_.high.size(); ++k) allow(tables_.high[k], k + high_at, half);
}

void KeySearch::find(std::string_view block, Found& found) const {
  if (!has_steps()) return find_portably(block, found);
  const std::size_t at = find_in_steps(tables_, block, 0, found);
  const std::string_view rest = block.substr(at);
  std::array<char, 2 * step + behind> last{};  // no key is in what follows the block
  std::copy(rest.begin(), rest.end(), last.begin());
  const std::size_t size = rest.size() > step ? last.size() : step + behind;
  find_in_steps(tables_, {last.data(), size}, at, found);
  while (!found.empty() && found.back().at >= block.size()) found.pop_back();
}

void KeySearch::find_portably(std::string_view block, Found& found) const {
  const std::size_t inside = block.size() - std::min(block.size(), behind);
  find_bytewise(tables_, block.data(), inside, 0, found);
  const std::string_view rest = block.substr(inside);
  std::array<char, 2 * behind> last{};
  std::copy(rest.begin(), rest.end(), last.begin());
  find_bytewise(tables_, last.data(), rest.size(), inside, found);
}

}  // namespace hangar::log
