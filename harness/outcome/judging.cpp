// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/judging.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/outcome/expected.h"

namespace hangar::outcome {
namespace {

// The single place that decides whose expectations of a scenario hold for a stored run.
Result<verdict::ExpectationGroup> expectations_in(const std::string& text, const fs::path& file,
                                                  const run::Bundle& bundle) {
  TRY_ASSIGN(const auto scenario, scenario::parse_scenario(text, file));
  return expected_of(bundle, scenario);
}

Result<Judging> judge_by_file(const fs::path& shown, const fs::path& file, const run::Bundle& bundle) {
  TRY_ASSIGN(const std::string text, read_file(file, max_yaml_bytes));
  Judging judging;
  TRY_ASSIGN(judging.expected, expectations_in(text, file, bundle));
  judging.by = judged_by_file(shown, text);
  judging.note = fmt::format("scenario file {} ({} since the run)", shown.string(),
                             text == bundle.scenario_yaml ? "unchanged" : "changed");
  return judging;
}

Result<Judging> judge_by_stored_text(const run::Bundle& bundle, const std::string& why) {
  if (bundle.scenario_yaml.empty())
    return user_error("bundle.json has no scenario text: give --scenario FILE");
  Judging judging;
  TRY_ASSIGN(judging.expected, expectations_in(bundle.scenario_yaml, bundle.scenario, bundle));
  judging.by = fmt::format("stored text (sha256 {})", sha256(bundle.scenario_yaml));
  judging.note = "the scenario's text in bundle.json" + why;
  return judging;
}

bool is_file(const fs::path& file) {
  return fs::is_regular_file(file);
}

}  // namespace

fs::path recorded_scenario_file(const fs::path& file, const fs::path& source_tree) {
  const auto absolute = fs::absolute(file);
  if (!absolute || source_tree.empty()) return file;
  const fs::path whole = absolute->lexically_normal();
  const fs::path tree = fs::absolute(source_tree).value_or(source_tree).lexically_normal();
  const fs::path within = whole.lexically_relative(tree);
  return within.empty() || *within.begin() == ".." ? whole : within;
}

std::string judged_by_file(const fs::path& file, const std::string& text) {
  return fmt::format("scenario file {} (sha256 {})", file.string(), sha256(text));
}

Result<Judging> choose_judging(const run::Bundle& bundle, const fs::path& recorded,
                               const fs::path& source_tree, const JudgeChoice& choice) {
  if (choice.scenario)
    return judge_by_file(recorded_scenario_file(*choice.scenario, source_tree), *choice.scenario, bundle);
  if (choice.stored) return judge_by_stored_text(bundle, "");
  if (recorded.empty()) return judge_by_stored_text(bundle, " (run.json names no scenario file)");
  // Runs of older versions have paths relative to the folder that `hangar run` was started in.
  const fs::path file = recorded.is_absolute() ? recorded : source_tree / recorded;
  if (!is_file(file))
    return judge_by_stored_text(bundle, fmt::format(" ({} does not exist)", recorded.string()));
  auto judging = judge_by_file(recorded, file, bundle);
  if (!judging)
    return std::move(judging).error().within("judging by the scenario file (--stored does not read it)");
  return judging;
}

}  // namespace hangar::outcome
