// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/bisect/drive.h"
#include "harness/bisect/journal.h"
#include "harness/cli/nightly_sources.h"
#include "harness/cli/nightly_steps.h"
#include "harness/nightly/lab.h"
#include "harness/nightly/nightly_file.h"
#include "harness/run/executor.h"

namespace hangar::cli {

struct NightlyRevisions;

struct NightlyPlaces {
  fs::path tree;  // Hangar's own
  Home home;
  fs::path folder;  // STATE/nightly/NAME: which runs and bisections belong to which step (steps.jsonl)
};

// What a night does with real repositories, bisections, mail and clocks. What a run is, derived classes know.
class NightlyLab : public nightly::Lab {
 public:
  // `file` and `observer` must outlive it.
  NightlyLab(const nightly::NightlyFile& file, NightlyPlaces places, run::Observer& observer);

  Result<nightly::Fetched> fetch(const nightly::Target& target) override;
  Result<nightly::Bisected> bisect(const nightly::BisectOrder& order) override;
  Result<void> send(const std::string& text) override;
  double seconds() override;
  std::string date() override;
  std::uint64_t free_bytes() override;

 protected:
  // Into `setup`: what a bisection searches for, and by which runs.
  virtual Result<void> ask(const nightly::BisectOrder& order, bisect::Setup& setup) = 0;
  virtual Result<std::unique_ptr<bisect::Tester>> tester(const bisect::Journal& journal) = 0;

  [[nodiscard]] const nightly::NightlyFile& file() const { return file_; }
  [[nodiscard]] const NightlyPlaces& places() const { return places_; }
  [[nodiscard]] const NightlySources& sources() const { return sources_; }
  [[nodiscard]] run::Observer& observer() const { return observer_; }
  [[nodiscard]] Result<NightlySteps*> open_steps();
  // The kernel of a target's revision, without the parts of NightlyFile::config.
  [[nodiscard]] Result<std::string> kernel_of(const nightly::Target& target, const std::string& revision);

 private:
  Result<bisect::Journal> open_journal(const nightly::BisectOrder& order, const NightlyRevisions& between,
                                       NightlySteps& steps);

  const nightly::NightlyFile& file_;
  NightlyPlaces places_;
  NightlySources sources_;
  run::Observer& observer_;
  std::optional<NightlySteps> steps_;
  std::map<std::string, std::string> kernels_;  // of targets, as they were fetched
};

// Runs are guests. A run is a hit if an expectation of its scenario failed, or if it did not boot; where the
// scenario expects the kernel to hang, if it hung. Bisections ask the same. `executor` must outlive it too.
[[nodiscard]] std::unique_ptr<nightly::Lab> guest_lab(const nightly::NightlyFile& file, NightlyPlaces places,
                                                      run::Executor& executor, run::Observer& observer);

// Runs are NightlyFile::run, in a clone of the target's repository with the commit checked out;
// HANGAR_REVISION and HANGAR_SCENARIO have what is tested. What it prints in a run that is not a miss is in
// output/RUN.txt of the job's folder. Commits with the same files count as the same kernel.
[[nodiscard]] std::unique_ptr<nightly::Lab> command_lab(const nightly::NightlyFile& file,
                                                        NightlyPlaces places, run::Observer& observer);
// Removes from such a folder what the runs printed that are not in `ids`.
[[nodiscard]] Result<void> remove_outputs(const fs::path& folder, const std::set<std::string>& ids);

}  // namespace hangar::cli
