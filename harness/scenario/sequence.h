// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/scenario/scenario.h"

namespace hangar {
class Yaml;
}

// The sequence of a scenario: programs that run one after another in one boot. A step has a number, its place
// in the file from 1.
namespace hangar::scenario {

inline constexpr std::size_t most_steps = 64;       // in a file
inline constexpr std::size_t most_step_runs = 256;  // of all steps, each as often as it runs

// The keys `program` and `args`.
[[nodiscard]] Result<Reproducer> read_program(const Yaml& yaml);
[[nodiscard]] Result<std::vector<Step>> read_sequence(const Yaml& yaml);

// The numbers of the steps in the order of the file, each as often as it runs.
[[nodiscard]] std::vector<int> steps_in_order(const Scenario& scenario);
// The same in an order that follows from the seed, equally on all hosts.
[[nodiscard]] std::vector<int> shuffled(std::vector<int> steps, std::uint64_t seed);
// "1,2,2,3": the numbers of steps of this scenario, in the order in which they run.
[[nodiscard]] Result<std::vector<int>> parse_steps(const std::string& text);
// An Error if the scenario has no such step.
[[nodiscard]] Result<void> check_steps(const Scenario& scenario, const std::vector<int>& steps);

}  // namespace hangar::scenario
