// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/steady.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/compare/boots.h"

namespace hangar::compare {

namespace {

std::vector<stats::Group> rates_over_time(const Rows& rows) {
  std::vector<stats::Group> groups;
  for (const Rows& block : in_time_blocks(rows)) groups.push_back(hangs_of(block));
  return groups;
}

}  // namespace

std::vector<Rows> in_time_blocks(const Rows& rows) {
  const std::size_t count = rows.size() >= 2 * time_blocks ? time_blocks : 1;
  std::vector<Rows> blocks(count);
  for (std::size_t i = 0; i < rows.size(); ++i) blocks[i * count / rows.size()].push_back(rows[i]);
  return blocks;
}

std::vector<Steadiness> steadiness_of(const std::string& arm, const std::string& scenario, const Rows& rows) {
  std::vector<Steadiness> found;
  if (const auto groups = rates_over_time(rows); groups.size() > 1)
    found.push_back({arm, scenario, "time", stats::homogeneity(groups).p, groups});
  const Boots boots = boots_of(rows);
  if (boots.homogeneity) {
    Steadiness& by_boot = found.emplace_back(Steadiness{arm, scenario, "boot", boots.homogeneity->p, {}});
    for (const BootRate& boot : boots.known) by_boot.groups.push_back(boot.rate);
  }
  return found;
}

bool drifts(const Rows& rows) {
  const auto groups = rates_over_time(rows);
  return groups.size() > 1 && stats::homogeneity(groups).p < stats::groups_differ_p;
}

bool changes_over(const std::string& by, const std::vector<Steadiness>& tests) {
  return std::any_of(tests.begin(), tests.end(),
                     [&](const Steadiness& one) { return one.by == by && one.p < stats::groups_differ_p; });
}

StrataWithin strata_within(const Rows& first, const Rows& second, bool drifted) {
  const auto nodes = by_node(first, second);
  StrataWithin within{{}, nodes.size()};
  for (const BothRows& both : nodes) {
    auto before = in_time_blocks(both.first);
    auto after = in_time_blocks(both.second);
    if (!drifted || before.size() != after.size()) {
      before = {both.first};
      after = {both.second};
    }
    for (std::size_t i = 0; i < before.size(); ++i) within.strata.push_back({before[i], after[i]});
  }
  return within;
}

std::string StrataWithin::text(const std::string& rate) const {
  std::string text;
  if (nodes > 1) text += fmt::format("; the runs of each of {} nodes are compared", nodes);
  if (strata.size() > nodes)
    text += fmt::format("; {} changed over time, so that thirds of the runs are compared", rate);
  return text;
}

}  // namespace hangar::compare
