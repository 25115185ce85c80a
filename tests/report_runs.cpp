// SPDX-License-Identifier: GPL-2.0-only
#include "tests/report_runs.h"

#include "harness/base/json.h"
#include "harness/outcome/expected.h"
#include "harness/outcome/judge.h"
#include "tests/stored_runs.h"

namespace hangar::report_runs {
namespace {

Result<void> rename_run(const fs::path& directory, const std::string& id) {
  TRY_ASSIGN(auto info, read_json(directory / store::names::run));
  info["id"] = id;
  return write_file(directory / store::names::run, json_text(info, 1));
}

}  // namespace

Result<void> judge(const fs::path& directory) {
  TRY_ASSIGN(const run::Bundle bundle, run::load_bundle(directory));
  TRY_ASSIGN(const auto scenario, scenario::parse_scenario(bundle.scenario_yaml, "scenario.yaml"));
  TRY(outcome::judge_directory(directory, outcome::expected_of(bundle, scenario)));
  return {};
}

Result<fs::path> copy(const std::string& name, const fs::path& folder, const std::string& given) {
  const fs::path from = stored_runs::folder() / name;
  TRY_ASSIGN(const auto info, read_json(from / store::names::run));
  const std::string id = given.empty() ? info["id"].get<std::string>() : given;
  const fs::path directory = folder / "state" / "runs" / id;
  TRY(fs::create_directories(directory));
  for (const auto& entry : std::filesystem::directory_iterator(from))
    std::filesystem::copy(entry.path(), directory / entry.path().filename());
  if (!given.empty()) TRY(rename_run(directory, id));
  TRY(judge(directory));
  return directory;
}

Result<report::Contents> contents(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<report::Run> runs;
  for (const std::string& name : names) {
    TRY_ASSIGN(const fs::path directory, copy(name, folder));
    TRY_ASSIGN(auto run, report::read_run(directory));
    runs.push_back(std::move(run));
  }
  TRY_ASSIGN(auto contents,
             report::contents_of(std::move(runs), [](const auto&) { return run::StopRule(); }));
  contents.commands = {"hangar run mmap-lock-livelock --kernel v6.1-oom-2015"};
  contents.made_by = "hangar 0.1.0";
  return contents;
}

}  // namespace hangar::report_runs
