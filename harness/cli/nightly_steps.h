// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/nightly/series.h"

namespace hangar::cli {

struct StepRun {
  std::string id;
  std::optional<nightly::Seen> seen;  // none: the stored run has it
};

// STATE/nightly/NAME/steps.jsonl: which runs and which bisection a step of a night has made, so that a night
// that was interrupted does not make them again. One line each, as soon as it is known; a torn last line is
// passed over.
class NightlySteps {
 public:
  [[nodiscard]] static Result<NightlySteps> open(const fs::path& folder);

  // In the order in which they ended.
  [[nodiscard]] const std::vector<StepRun>& runs(const std::string& step);
  // "": it has none.
  [[nodiscard]] std::string bisection(const std::string& step) const;
  [[nodiscard]] Result<void> add_run(const std::string& step, StepRun run);
  [[nodiscard]] Result<void> add_bisection(const std::string& step, const std::string& id);
  // The night has ended: its runs are forgotten. A bisection may continue on another night.
  [[nodiscard]] Result<void> end_night();

 private:
  explicit NightlySteps(fs::path file) : file_(std::move(file)) {}

  fs::path file_;
  std::map<std::string, std::vector<StepRun>> runs_;
  std::map<std::string, std::string> bisections_;
};

}  // namespace hangar::cli
