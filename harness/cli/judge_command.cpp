// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/judge_command.h"

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::cli {
namespace {

constexpr int skip_status = 125;
constexpr int not_executable = 126;
constexpr int not_found = 127;

Command command_of(const JudgeCommand& command, const fs::path& tree,
                   const std::map<std::string, std::string>& environment) {
  return {.argv = {"/bin/sh", "-c", command.text}, .directory = tree, .environment = environment};
}

// git ignores --shared if the repository has no whole history.
Result<void> share_objects(const fs::path& repository, const fs::path& tree) {
  const fs::path alternates = tree / ".git/objects/info/alternates";
  if (fs::exists(alternates)) return {};
  TRY_ASSIGN(const Finished found, run_checked({.argv = {"git", "-C", repository.string(), "rev-parse",
                                                         "--path-format=absolute", "--git-path", "objects"},
                                                .deadline = deadline_of::question}));
  TRY(fs::create_directories(alternates.parent_path()));
  return write_file(alternates, std::string(trim(found.output)) + "\n");
}

}  // namespace

Result<void> clone_repository(const fs::path& repository, const fs::path& tree) {
  const fs::path fresh = tree.string() + ".new";
  TRY(fs::remove_all(fresh));
  TRY(run_checked(
      {.argv = {"git", "clone", "-q", "--shared", "--no-checkout", "--", repository.string(), fresh.string()},
       .deadline = deadline_of::files}));
  TRY(share_objects(repository, fresh));
  return fs::rename(fresh, tree);
}

Result<void> check_out(const fs::path& tree, const std::string& commit) {
  TRY(fs::remove(tree / ".git/index.lock"));
  TRY(run_checked({.argv = {"git", "checkout", "-q", "--force", "--detach", commit},
                   .directory = tree,
                   .deadline = deadline_of::files}));
  return {};
}

Result<Finished> run_judge(const JudgeCommand& command, const fs::path& tree,
                           const std::map<std::string, std::string>& environment,
                           std::chrono::milliseconds deadline) {
  Command started = command_of(command, tree, environment);
  started.deadline = deadline;
  return run_process(started);
}

Result<bisect::Seen> seen_in(const JudgeCommand& command, const Finished& finished) {
  const auto stop = [&](const std::string& why) {
    return user_error(fmt::format("{}: {}: {}", command.option, command.text, why),
                      std::string(trim(finished.output)));
  };
  if (finished.signal != 0 || finished.timed_out)
    return stop(how_it_ended(finished, command_of(command, {}, {})));
  if (finished.status == not_executable) return stop("not executable (exit status 126)");
  if (finished.status == not_found) return stop("not found (exit status 127)");
  if (finished.status > not_found)
    return stop(fmt::format("exit status {}: expected 0 to {}", finished.status, skip_status));
  if (finished.status == skip_status) return bisect::Seen::skip;
  return finished.status == 0 ? bisect::Seen::miss : bisect::Seen::hit;
}

}  // namespace hangar::cli
