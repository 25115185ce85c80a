// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/run/bundle.h"
#include "harness/run/request.h"

// <state>/experiments/<id>.json: what an experiment set out to do, written before its first run, so that
// `hangar resume` can go on after whatever ended it.
namespace hangar::experiment {

struct ExperimentFile {
  std::string id;
  fs::path directory;    // where it was started: the request's paths may be relative to it
  run::Request request;  // with the seed that was chosen; home and program are not kept
  // What each cell's runs depend on, by name ("kernel" -> digest): the rest must be done with the same.
  std::vector<std::map<std::string, std::string>> cells;
  std::vector<Accel> accels;  // that was chosen for each cell; empty in a file of an older Hangar
};

[[nodiscard]] std::map<std::string, std::string> ingredients(const run::Bundle& bundle);
// An Error that names what has changed since the experiment began.
[[nodiscard]] Result<void> check_unchanged(const std::vector<std::map<std::string, std::string>>& then,
                                           const std::vector<std::map<std::string, std::string>>& now);

[[nodiscard]] std::string to_json(const ExperimentFile& file);
[[nodiscard]] Result<ExperimentFile> experiment_from_json(const std::string& text);

[[nodiscard]] Result<void> save_experiment(const fs::path& state, const ExperimentFile& file);
// `word` is an id, a beginning of exactly one, or `last`.
[[nodiscard]] Result<ExperimentFile> find_experiment(const fs::path& state, const std::string& word);
// Whether its runs are of the scenarios as they are, with `append` added to the kernels' command lines and in
// `image` if one was chosen: no other program, arguments, machine, steps on a hang or watching. An experiment
// whose file is gone counts.
[[nodiscard]] bool is_plain(const fs::path& state, const std::string& experiment, const std::string& append,
                            const std::optional<scenario::ImageChoice>& image = {});
// Held while an experiment's runs are executed; an Error when another hangar does so.
[[nodiscard]] Result<FileLock> lock_experiment(const fs::path& state, const std::string& id);

}  // namespace hangar::experiment
