// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/hunk_report.h"

#include <iterator>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/kernel/build/inputs.h"
#include "harness/patch/onto.h"
#include "harness/patch/parse.h"

namespace hangar::cli {
namespace {

using Kind = patch::Placement::Kind;

// The patches that the kernel has of itself.
Result<std::vector<std::vector<patch::FileChange>>> own_patches(const kernel::Spec& kernel,
                                                                const Version& version) {
  std::vector<std::vector<patch::FileChange>> own;
  TRY_ASSIGN(const kernel::Materials materials, kernel::load_materials(kernel));
  for (const kernel::Series& series : materials.series) {
    TRY_ASSIGN(const auto files, kernel::select_patches(series, version));
    for (const kernel::PatchFile& file : files) {
      TRY_ASSIGN(auto changes, patch::parse(file.text, file.name));
      own.push_back(std::move(changes));
    }
  }
  return own;
}

// "120", "340 (+3)"
std::string place_of(const patch::Placement& hunk) {
  return hunk.offset == 0 ? fmt::format("{}", hunk.line) : fmt::format("{} ({:+})", hunk.line, hunk.offset);
}

std::string why_not(const patch::Placement& hunk) {
  if (hunk.kind == Kind::fuzz)
    return fmt::format("it fits at line {} only without {} of its context lines", hunk.line, hunk.fuzz);
  if (hunk.kind == Kind::merged) return "it fits only by a three-way merge";
  return hunk.reason;
}

class Reporter {
 public:
  // Of a series: "[2/9] " before the lines of its second patch.
  void patch(std::size_t number, std::size_t all) {
    number_ = all == 1 ? "" : fmt::format("[{}/{}] ", number, all);
  }

  void file(const patch::FileTrial& trial) {
    const std::string path = sanitize_for_terminal(trial.path);
    if (!trial.complaint.empty())
      failures_.push_back(fmt::format("{}{}: {}", number_, path, sanitize_for_terminal(trial.complaint)));
    std::vector<std::string> places;
    for (std::size_t i = 0; i < trial.hunks.size(); ++i) {
      const patch::Placement& hunk = trial.hunks[i];
      places.push_back(place_of(hunk));
      if (hunk.kind == Kind::exact || hunk.kind == Kind::offset) continue;
      failures_.push_back(
          fmt::format("{}{}: hunk {}: {}", number_, path, i + 1, sanitize_for_terminal(why_not(hunk))));
      std::copy(trial.around[i].begin(), trial.around[i].end(), std::back_inserter(failures_));
    }
    if (places.empty()) return;
    const std::string where = join(places, ", ");
    lines_.push_back(places.size() == 1
                         ? fmt::format("{}{}: 1 hunk at line {}", number_, path, where)
                         : fmt::format("{}{}: {} hunks at lines {}", number_, path, places.size(), where));
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

 private:
  std::string number_;
  std::vector<std::string> lines_;
  std::vector<std::string> failures_;
};

}  // namespace

Result<std::vector<std::string>> hunk_report(const std::vector<mail::Patch>& patches,
                                             const kernel::Spec& kernel, const fs::path& cache,
                                             const kernel::Note& on_note) {
  TRY_ASSIGN(const kernel::Tree tree, kernel::obtain_tree(cache, kernel.source, on_note));
  TRY_ASSIGN(const auto own, own_patches(kernel, tree.version));
  std::vector<std::span<const patch::FileChange>> all(own.begin(), own.end());
  const auto asked = mail::changes_of(patches);
  all.insert(all.end(), asked.begin(), asked.end());
  TRY_ASSIGN(const auto trials, patch::try_onto(tree.path, all));
  Reporter reporter;
  for (std::size_t i = own.size(); i < trials.size(); ++i) {
    reporter.patch(i - own.size() + 1, asked.size());
    for (const patch::FileTrial& file : trials[i].files) reporter.file(file);
  }
  if (reporter.failures().empty()) return reporter.lines();
  return user_error(fmt::format("the patch does not apply to {}", kernel.name),
                    join(reporter.failures(), "\n"));
}

}  // namespace hangar::cli
