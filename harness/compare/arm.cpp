// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/arm.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/verdict/outcome.h"

namespace hangar::compare {
namespace {

std::set<std::string> scenarios_of(const Arm& arm) {
  std::set<std::string> names;
  for (const Row& row : arm.rows) names.insert(row.scenario);
  return names;
}

std::string listed(const std::set<std::string>& words) {
  return join(std::vector<std::string>(words.begin(), words.end()), ", ");
}

std::string machines_of(const Arm& arm) {
  std::set<std::string> machines;
  for (const Row& row : arm.rows) machines.insert(row.machine);
  return join(std::vector<std::string>(machines.begin(), machines.end()), " and ");
}

// "": a row does not have it.
std::string qemus_of(const Arm& arm) {
  std::set<std::string> versions;
  for (const Row& row : arm.rows) versions.insert(row.qemu ? "QEMU " + *row.qemu : "");
  if (versions.contains("")) return "";
  return join(std::vector<std::string>(versions.begin(), versions.end()), " and ");
}

// "": a row does not have it.
std::string cpus_of(const Arm& arm) {
  std::set<std::string> models;
  for (const Row& row : arm.rows) models.insert(row.cpu.value_or(""));
  if (models.contains("")) return "";
  return join(std::vector<std::string>(models.begin(), models.end()), " and ");
}

std::string ran_on(const Arm& first, const std::string& here, const Arm& arm, const std::string& there) {
  return fmt::format("{} ran on {}; {} ran on {}", first.name, here, arm.name, there);
}

}  // namespace

Arm make_arm(const std::string& name, std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
  Arm arm{name, {}, 0, 0, 0};
  for (Row& row : rows) {
    if (row.end == to_string(verdict::End::interrupted)) {
      ++arm.interrupted;
    } else if (verdict::is_excluded(row.verdict, row.end)) {
      ++arm.infra;
    } else if (verdict::could_not_run(row.verdict, row.exit_code)) {
      ++arm.not_run;
    } else {
      arm.rows.push_back(std::move(row));
    }
  }
  return arm;
}

Rows rows_of(const Arm& arm, const std::string& scenario) {
  Rows found;
  for (const Row& row : arm.rows) {
    if (row.scenario == scenario) found.push_back(&row);
  }
  return found;
}

std::vector<BothRows> by_node(const Rows& first, const Rows& second) {
  std::map<std::string, BothRows> nodes;
  for (const Row* row : first) nodes[row->node.value_or("")].first.push_back(row);
  for (const Row* row : second) nodes[row->node.value_or("")].second.push_back(row);
  std::vector<BothRows> all;
  for (auto& [node, both] : nodes) all.push_back(std::move(both));
  return all;
}

stats::Group hangs_of(const Rows& rows) {
  const auto hung =
      std::count_if(rows.begin(), rows.end(), [](const Row* row) { return !row->hangs.empty(); });
  return {static_cast<int>(hung), static_cast<int>(rows.size())};
}

std::vector<std::string> shared_scenarios(const Arm& first, const Arm& second) {
  const auto here = scenarios_of(first);
  const auto there = scenarios_of(second);
  std::vector<std::string> shared;
  std::set_intersection(here.begin(), here.end(), there.begin(), there.end(), std::back_inserter(shared));
  return shared;
}

std::vector<std::string> shared_scenarios(const std::vector<Arm>& arms) {
  std::set<std::string> shared;
  for (std::size_t i = 1; i < arms.size(); ++i) {
    const auto own = shared_scenarios(arms.front(), arms[i]);
    shared.insert(own.begin(), own.end());
  }
  return {shared.begin(), shared.end()};
}

Result<void> check_arms(const std::vector<Arm>& arms) {
  if (arms.size() < 2) return user_error("comparing requires two kernels, files or experiments");
  std::set<std::string> names;
  for (const Arm& arm : arms) {
    if (!names.insert(arm.name).second)
      return user_error(fmt::format("`{}` is given twice: a comparison with itself shows nothing", arm.name));
    if (arm.rows.empty()) {
      const int left_out = arm.infra + arm.interrupted + arm.not_run;
      return user_error(fmt::format("{} has no run that counts{}", arm.name,
                                    left_out == 0 ? "" : fmt::format(" ({} were left out)", left_out)));
    }
    if (shared_scenarios(arms.front(), arm).empty()) {
      return user_error(fmt::format("{} and {} have no scenario in common ({}; {})", arms.front().name,
                                    arm.name, listed(scenarios_of(arms.front())), listed(scenarios_of(arm))));
    }
  }
  return {};
}

std::string machines_differ(const std::vector<Arm>& arms) {
  const Arm& first = arms.front();
  const std::string machines = machines_of(first);
  const std::string qemus = qemus_of(first);
  const std::string cpus = cpus_of(first);
  for (const Arm& arm : arms) {
    const std::string own = machines_of(arm);
    if (own != machines) return ran_on(first, machines, arm, own);
    const std::string own_qemus = qemus_of(arm);
    if (!qemus.empty() && !own_qemus.empty() && own_qemus != qemus)
      return ran_on(first, qemus, arm, own_qemus);
    const std::string own_cpus = cpus_of(arm);
    if (!cpus.empty() && !own_cpus.empty() && own_cpus != cpus) return ran_on(first, cpus, arm, own_cpus);
  }
  return "";
}

}  // namespace hangar::compare
