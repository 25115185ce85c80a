// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/stacks.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include "harness/log/infer/engine.h"
#include "harness/log/render/summary.h"

namespace hangar::report {

void Stacks::add(const std::string& run, std::string_view log) {
  log::StackGroups of_run;
  log::Engine engine([&](log::Event&& event) {
    if (const auto* stack = std::get_if<log::TaskStack>(&event.body)) of_run.on(*stack);
  });
  engine.feed(log);
  engine.finish();
  constexpr std::size_t max_groups = 20000;
  for (const auto* found : of_run.sorted()) {
    if (groups_.size() >= max_groups && !groups_.contains(found->frames)) continue;
    StackGroup& group = groups_[found->frames];
    if (group.runs.empty()) {
      group.frames = found->frames;
      group.who = found->who;
      group.line = found->first_line;
    }
    group.count += found->count;
    for (const auto& [state, count] : found->states) group.states[state] += count;
    group.runs.push_back(run);
  }
}

std::vector<StackGroup> Stacks::sorted(std::size_t most) const {
  std::vector<StackGroup> all;
  for (const auto& [frames, group] : groups_) all.push_back(group);
  std::stable_sort(all.begin(), all.end(), [](const StackGroup& a, const StackGroup& b) {
    return std::tuple(a.runs.size(), a.count) > std::tuple(b.runs.size(), b.count);
  });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace hangar::report
