// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/bisect_revert.h"

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cli/judge_command.h"

namespace hangar::cli {
namespace {

Result<Finished> git(const fs::path& tree, std::vector<std::string> words) {
  std::vector<std::string> argv = {"git", "-c", "user.name=Hangar", "-c",
                                   "user.email=hangar@example.invalid"};
  argv.insert(argv.end(), words.begin(), words.end());
  return run_process({.argv = std::move(argv),
                      .directory = tree,
                      .environment = {{"GIT_EDITOR", "true"}, {"LC_ALL", "C"}},
                      .deadline = deadline_of::files});
}

}  // namespace

Result<std::optional<RevertedTree>> reverted_tree(const bisect::Journal& journal, int culprit) {
  const bisect::Setup& setup = journal.setup();
  if (setup.repository.empty()) return std::optional<RevertedTree>();
  const std::string& id = setup.revisions[static_cast<std::size_t>(culprit)].id;
  const fs::path tree = journal.folder() / ("reverted-" + id.substr(0, 12));
  if (!fs::exists(tree)) {
    TRY(clone_repository(setup.repository, tree));
    TRY(check_out(tree, setup.revisions.back().id));
    TRY_ASSIGN(const Finished reverted, git(tree, {"revert", "--no-edit", id}));
    if (!reverted.good()) TRY(git(tree, {"revert", "--abort"}));
  }
  TRY_ASSIGN(const Finished head, git(tree, {"rev-parse", "HEAD"}));
  const std::string commit(trim(head.output));
  if (!head.good() || commit == setup.revisions.back().id) return std::optional<RevertedTree>();
  return std::optional(RevertedTree{tree, commit});
}

}  // namespace hangar::cli
