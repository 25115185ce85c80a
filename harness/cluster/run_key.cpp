// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/run_key.h"

#include <charconv>

#include <fmt/format.h>

namespace hangar::cluster {
namespace {

std::optional<int> count_from(std::string_view text) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

}  // namespace

std::string to_string(const RunKey& key) {
  return fmt::format("{}-{}", key.cell, key.repeat);
}

std::optional<RunKey> run_key_from(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto cell = count_from(text.substr(0, dash));
  const auto repeat = count_from(text.substr(dash + 1));
  if (!cell || !repeat) return std::nullopt;
  return RunKey{*cell, *repeat};
}

}  // namespace hangar::cluster
