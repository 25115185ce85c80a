// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace hangar {
namespace {

// Insertions, deletions, substitutions and swaps of neighbours, of which each costs 1 (optimal string
// alignment, after Damerau).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last;
  std::vector<size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitute});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[b.size()];
}

constexpr size_t longest_quote = 60;  // of a wrong value, in a message

struct NumberAndUnit {
  double number = 0;
  std::string_view unit;
};

bool split_unit(std::string_view text, NumberAndUnit& out) {
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.number);
  if (error != std::errc() || !std::isfinite(out.number) || out.number < 0) return false;
  out.unit = trim(text.substr(static_cast<size_t>(end - text.data())));
  return true;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (true) {
    const size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word, candidates);
  return best.empty() ? "" : fmt::format(" (did you mean `{}`?)", best);
}

// In bytes, which are at least as many as columns: an upper limit also of garbage that is not UTF-8.
std::string ellipsize(std::string_view text, size_t width) {
  if (text.size() <= width) return std::string(text);
  size_t cut = width > 1 ? width - 1 : 0;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  NumberAndUnit parsed;
  const bool good = split_unit(text, parsed);
  const double ms = parsed.unit == "ms"                          ? 1
                    : parsed.unit == "s"                         ? 1e3
                    : parsed.unit == "m" || parsed.unit == "min" ? 6e4
                    : parsed.unit == "h"                         ? 3.6e6
                    : parsed.unit == "d"                         ? 8.64e7
                                                                 : 0;
  if (!good || ms == 0 || parsed.number * ms > 1e12) {
    return user_error(
        fmt::format("`{}` is not a duration: write a number and a unit, like 10s, 250ms, 2m or 90d",
                    ellipsize(text, longest_quote)));
  }
  return std::chrono::milliseconds(std::llround(parsed.number * ms));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  NumberAndUnit parsed;
  const bool good = split_unit(text, parsed);
  const double bytes = parsed.unit == "KiB"   ? 0x1p10
                       : parsed.unit == "MiB" ? 0x1p20
                       : parsed.unit == "GiB" ? 0x1p30
                                              : 0;
  if (!good || bytes == 0 || parsed.number * bytes > 0x1p50) {
    return user_error(fmt::format("`{}` is not a size: write a number and a unit, like 256MiB or 1GiB",
                                  ellipsize(text, longest_quote)));
  }
  return static_cast<std::uint64_t>(parsed.number * bytes);
}

std::string format_size(std::uint64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (number >= 0x1p30) return fmt::format("{:.1f} GiB", number / 0x1p30);
  return number >= 0x1p20 ? fmt::format("{:.0f} MiB", number / 0x1p20)
                          : fmt::format("{:.0f} KiB", number / 0x1p10);
}

std::string format_seconds(double seconds) {
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace hangar
