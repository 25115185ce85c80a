// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_steps.h"

#include "harness/base/files.h"
#include "harness/base/journal_folder.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* steps_file = "steps.jsonl";

std::string bisection_line(const std::string& step, const std::string& id) {
  return json_text(ordered_json{{"step", step}, {"bisection", id}});
}

}  // namespace

Result<NightlySteps> NightlySteps::open(const fs::path& folder) {
  NightlySteps steps(folder / steps_file);
  if (!fs::exists(steps.file_)) return steps;
  TRY_ASSIGN(const std::string text, read_file(steps.file_));
  for (const std::string_view line : split(text, '\n')) {
    const nlohmann::json in = parse_object(line);
    const auto step = field<std::string>(in, "step");
    if (!step) continue;
    if (auto run = field<std::string>(in, "run"))
      steps.runs_[*step].push_back({std::move(*run), field<nightly::Seen>(in, "seen")});
    if (const auto bisection = field<std::string>(in, "bisection")) steps.bisections_[*step] = *bisection;
  }
  return steps;
}

const std::vector<StepRun>& NightlySteps::runs(const std::string& step) {
  return runs_[step];
}

std::string NightlySteps::bisection(const std::string& step) const {
  const auto known = bisections_.find(step);
  return known == bisections_.end() ? "" : known->second;
}

Result<void> NightlySteps::add_run(const std::string& step, StepRun run) {
  ordered_json line = {{"step", step}, {"run", run.id}};
  if (run.seen) line["seen"] = *run.seen;
  runs_[step].push_back(std::move(run));
  return append_line(file_, json_text(line));
}

Result<void> NightlySteps::add_bisection(const std::string& step, const std::string& id) {
  bisections_[step] = id;
  return append_line(file_, bisection_line(step, id));
}

Result<void> NightlySteps::end_night() {
  runs_.clear();
  std::string text;
  for (const auto& [step, id] : bisections_) text += bisection_line(step, id) + "\n";
  return write_file_durably(file_, text);
}

}  // namespace hangar::cli
