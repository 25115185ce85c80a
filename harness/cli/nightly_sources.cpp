// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_sources.h"

#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cli/cached_series.h"
#include "harness/kernel/source/git.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"
#include "harness/mail/import.h"

namespace hangar::cli {
namespace {

using nightly::Target;
using nightly::TargetKind;

// "~/linux"
fs::path without_tilde(const std::string& path) {
  const char* home = std::getenv("HOME");
  return path.starts_with("~/") && home != nullptr ? fs::path(home) / path.substr(2) : fs::path(path);
}

// With its history, which a bisection needs.
Result<void> fetch_branch(const fs::path& clone, const std::string& url, const std::string& branch) {
  const std::string ref = "refs/heads/" + branch;
  auto fetched = kernel::fetch({clone, ref}, url, ref, kernel::History::whole);
  if (fetched || fetched.error().fault != Fault::user) return fetched;
  return user_error(fmt::format("there is no branch `{}` in {}", sanitize_for_terminal(branch), url),
                    fetched.error().detail);
}

// "" if git does not show it.
std::string subject_of(const fs::path& repository, const std::string& commit) {
  Command command;
  command.argv = {"git", "-C", repository.string(), "log", "-1", "--format=%s", commit, "--"};
  command.deadline = deadline_of::question;
  const auto done = run_process(command);
  return done && done->good() ? std::string(trim(done->output)) : "";
}

}  // namespace

fs::path NightlySources::repository(const Target& target) const {
  if (!kernel::is_url(target.source)) return without_tilde(target.source);
  return folder_ / "git" / sha256(target.source).substr(0, 16);
}

fs::path NightlySources::queue_file(const Target& target) {
  return without_tilde(target.source);
}

fs::path NightlySources::spec_file(const Target& target) const {
  return folder_ / "kernels" / (target.name + ".yaml");
}

std::string NightlySources::kernel_at(const Target& target, const std::string& revision) const {
  if (target.kind == TargetKind::git) return repository(target).string() + "@" + revision;
  return "";
}

Result<NewestSource> NightlySources::newest_commit(const Target& target) const {
  const fs::path place = repository(target);
  if (kernel::is_url(target.source)) TRY(fetch_branch(place, target.source, target.branch));
  TRY_ASSIGN(const auto git, kernel::GitRepository::open(place));
  auto tree = git.tree_at("refs/heads/" + target.branch);
  if (!tree) {
    return user_error(
        fmt::format("there is no branch `{}` in {}", sanitize_for_terminal(target.branch), target.source));
  }
  return NewestSource{tree->commit(), subject_of(place, tree->commit()), kernel_at(target, tree->commit())};
}

Result<std::string> NightlySources::commit_of(const std::string& repository_name,
                                              const std::string& ref) const {
  Target target;
  target.source = repository_name;
  const fs::path place = repository(target);
  std::string name = ref;
  if (kernel::is_url(repository_name)) {
    name = "refs/hangar/" + sha256(ref).substr(0, 16);
    TRY(kernel::fetch({place, name}, repository_name, ref, kernel::History::whole));
  }
  TRY_ASSIGN(const auto git, kernel::GitRepository::open(place));
  TRY_ASSIGN(const auto tree, git.tree_at(name));
  return tree.commit();
}

// Its spec has no lock file: what is published now is fetched.
Result<NewestSource> NightlySources::newest_package(
    const Target& target, const std::function<void(const std::string&)>& note) const {
  const fs::path file = spec_file(target);
  TRY(fs::create_directories(file.parent_path()));
  TRY(write_file_durably(file, fmt::format("source: {{debian: {}}}\nconfig: [base, ext4]\n"
                                           "patches: [memalloc-info]\ncmdline: tsc=reliable no_timer_check\n",
                                           target.source)));
  TRY_ASSIGN(const auto spec, kernel::load_spec(tree_, file.string()));
  TRY_ASSIGN(std::string version, kernel::update_source(home_.cache, spec.source, note));
  return NewestSource{std::move(version), target.source, file.string()};
}

Result<NewestSource> NightlySources::newest_queue(const Target& target) const {
  const fs::path file = queue_file(target);
  if (!fs::exists(file)) return user_error(fmt::format("there is no file {}", file.string()));
  TRY_ASSIGN(const auto found, mail::import_paths({file}));
  TRY_ASSIGN(const CachedSeries series, cached_series(found, file.string(), home_));
  return NewestSource{series.folder.parent_path().filename().string(), found.patches.back().title,
                      target.on + "+" + series.folder.string()};
}

Result<NewestSource> NightlySources::newest(const Target& target,
                                            const std::function<void(const std::string&)>& note) const {
  if (target.kind == TargetKind::git) return newest_commit(target);
  return target.kind == TargetKind::debian ? newest_package(target, note) : newest_queue(target);
}

}  // namespace hangar::cli
