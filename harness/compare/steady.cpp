// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/steady.h"

#include "harness/compare/boots.h"

namespace hangar::compare {

std::vector<stats::Group> by_time(const std::vector<const Row*>& rows) {
  const std::size_t blocks = rows.size() >= 2 * time_blocks ? time_blocks : 1;
  std::vector<stats::Group> groups(blocks);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    stats::Group& group = groups[i * blocks / rows.size()];
    ++group.runs;
    group.hits += rows[i]->hangs.empty() ? 0 : 1;
  }
  return groups;
}

std::vector<Steadiness> steadiness_of(const std::string& arm, const std::string& scenario,
                                      const std::vector<const Row*>& rows) {
  std::vector<Steadiness> found;
  if (const auto groups = by_time(rows); groups.size() > 1)
    found.push_back({arm, scenario, "time", stats::homogeneity(groups).p, groups});
  const Boots boots = boots_of(rows);
  if (boots.homogeneity) {
    Steadiness& by_boot = found.emplace_back(Steadiness{arm, scenario, "boot", boots.homogeneity->p, {}});
    for (const BootRate& boot : boots.known) by_boot.groups.push_back(boot.rate);
  }
  return found;
}

}  // namespace hangar::compare
