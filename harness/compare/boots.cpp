// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/boots.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::compare {
namespace {

bool can_be_tested(const Boots& boots) {
  const bool several_runs = std::any_of(boots.known.begin(), boots.known.end(),
                                        [](const BootRate& boot) { return boot.rate.runs > 1; });
  return boots.unknown_runs == 0 && boots.known.size() > 1 && several_runs;
}

}  // namespace

Boots boots_of(const std::vector<const Row*>& rows) {
  Boots boots;
  std::unordered_map<std::string_view, std::size_t> places;  // in boots.known
  for (const Row* row : rows) {
    if (!row->boot) {
      ++boots.unknown_runs;
      continue;
    }
    const auto [at, is_new] = places.try_emplace(*row->boot, boots.known.size());
    if (is_new) boots.known.push_back({*row->boot, {0, 0}, false});
    BootRate& boot = boots.known[at->second];
    ++boot.rate.runs;
    boot.restored |= row->restored;
    if (!row->hangs.empty()) ++boot.rate.hits;
  }
  if (can_be_tested(boots)) {
    std::vector<stats::Group> groups;
    for (const BootRate& boot : boots.known) groups.push_back(boot.rate);
    boots.homogeneity = stats::homogeneity(groups);
  }
  return boots;
}

bool boots_differ(const Boots& boots) {
  return boots.homogeneity && boots.homogeneity->p < stats::groups_differ_p;
}

std::string boots_text(const Boots& boots) {
  if (boots.known.empty()) return boots.unknown_runs > 0 ? "boots unknown" : "-";
  std::string text = fmt::format("{}", boots.known.size());
  if (boots.unknown_runs > 0) text += fmt::format(", and {} runs of unknown boots", boots.unknown_runs);
  if (boots.homogeneity) text += fmt::format(" (p = {:.2g})", boots.homogeneity->p);
  return text;
}

std::string rates_text(const Boots& boots) {
  std::vector<std::string> rates;
  for (const BootRate& boot : boots.known) {
    rates.push_back(
        fmt::format("{} of {}{}", boot.rate.hits, boot.rate.runs, boot.restored ? "" : " (not restored)"));
  }
  return rates.empty() ? "-" : join(rates, ", ");
}

}  // namespace hangar::compare
