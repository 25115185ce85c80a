// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// The runs in tests/data/runs: what guests of ours sent, each with the facts that follow from it in
// facts.json.
namespace hangar::stored_runs {

inline constexpr std::string_view facts_file = "facts.json";

[[nodiscard]] std::filesystem::path folder();
// The names of the runs, sorted.
[[nodiscard]] std::vector<std::string> names();

// The outcome of a run directory and its verdict by the scenario text in its bundle, as JSON. Cited lines are
// given by their number, fractions to three digits. The directory is not changed.
[[nodiscard]] Result<std::string> facts_of(const std::filesystem::path& run);

// Copies the run directory `run` to folder()/`name` and writes its facts. Leaves out what judging does not
// need, and what belongs to the machine that ran it: paths, the definition of the domain, QEMU's arguments.
[[nodiscard]] Result<std::filesystem::path> add(const std::filesystem::path& run, const std::string& name);

// The places of `text` that name a file of the machine, such as /home/me/linux.
[[nodiscard]] std::vector<std::string> machine_paths(const std::string& text);

}  // namespace hangar::stored_runs
