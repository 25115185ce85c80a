// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/patched_kernel.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/cli/cached_series.h"
#include "harness/cli/hunk_report.h"
#include "harness/kernel/source/git.h"
#include "harness/kernel/spec/series.h"
#include "harness/kernel/spec/spec_version.h"
#include "harness/mail/import.h"

namespace hangar::cli {
namespace {

bool is_git_tree(const std::string& what) {
  return fs::exists(fs::path(what) / ".git") || fs::exists(fs::path(what) / "objects");
}

// Absolute, without a slash at the end.
Result<fs::path> whole_folder(const std::string& folder) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(folder));
  const fs::path normal = whole.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

void add_patches(std::string_view text, const std::string& name, mail::Findings& all) {
  mail::Findings one = mail::find_all(text, name);
  std::move(one.patches.begin(), one.patches.end(), std::back_inserter(all.patches));
}

// A user error if there is none.
Result<std::string> uncommitted_diff(const kernel::GitRepository& repository, const std::string& what) {
  TRY_ASSIGN(std::string diff, repository.uncommitted());
  if (!diff.empty()) return diff;
  return user_error(fmt::format("{} has no uncommitted changes: --range A..B compares commits", what));
}

// The commits of the range, or what is not committed, as patches.
Result<mail::Findings> patches_of_tree(const ChangeGiven& given) {
  TRY_ASSIGN(const auto repository, kernel::GitRepository::open(given.what));
  mail::Findings all;
  if (given.range.empty()) {
    TRY_ASSIGN(const std::string diff, uncommitted_diff(repository, given.what));
    add_patches(diff, "uncommitted.patch", all);
    for (mail::Patch& patch : all.patches) patch.title = "uncommitted changes";
    return all;
  }
  TRY_ASSIGN(const auto range, repository.range(given.range));
  TRY_ASSIGN(const auto mails, repository.mails(range));
  for (const std::string& mail : mails) add_patches(mail, "commit", all);
  return all;
}

// A commit of the tree against another, or against the tree as it is.
Result<PatchedKernel> kernels_of_tree(const ChangeGiven& given) {
  TRY_ASSIGN(const fs::path tree, whole_folder(given.what));
  TRY_ASSIGN(const auto repository, kernel::GitRepository::open(tree));
  const auto at = [&](const std::string& commit) { return tree.string() + "@" + commit; };
  const auto name_at = [&](const std::string& commit) {
    return tree.filename().string() + "@" + commit.substr(0, 12);
  };
  if (given.range.empty()) {
    TRY(uncommitted_diff(repository, given.what));
    TRY_ASSIGN(const auto head, repository.tree_at("HEAD"));
    return PatchedKernel{at(head.commit()),        tree.string(),      name_at(head.commit()),
                         tree.filename().string(), "the working tree", {}};
  }
  TRY_ASSIGN(const auto range, repository.range(given.range));
  return PatchedKernel{at(range.from), at(range.to), name_at(range.from), name_at(range.to), given.range, {}};
}

// What is put onto the kernel, and the folder that a spec's name has for it.
struct Added {
  std::vector<mail::Patch> patches;
  CachedSeries series;
};

// A folder with a series.yaml is a series already: of its patches those that are for this kernel's version.
Result<Added> series_in(const std::string& what, const kernel::Spec& kernel) {
  TRY_ASSIGN(const fs::path folder, whole_folder(what));
  TRY_ASSIGN(const kernel::Series series, kernel::load_series(kernel.kernels, folder));
  TRY_ASSIGN(const auto files, kernel::select_patches(series, kernel::version_of(kernel.source)));
  mail::Findings all;
  for (const kernel::PatchFile& file : files) add_patches(file.text, file.name, all);
  return Added{std::move(all.patches), {folder.filename().string(), folder}};
}

Result<Added> what_is_added(const ChangeGiven& given, const kernel::Spec& kernel, const Home& home) {
  if (fs::exists(fs::path(given.what) / "series.yaml")) return series_in(given.what, kernel);
  auto found = is_git_tree(given.what) ? patches_of_tree(given) : mail::import_paths({given.what});
  if (!found) return found.error();
  TRY_ASSIGN(const CachedSeries series, cached_series(*found, given.what, home));
  return Added{std::move(found->patches), series};
}

Result<PatchedKernel> kernels_of_patches(const ChangeGiven& given, const fs::path& tree, const Home& home,
                                         const kernel::Note& on_note) {
  TRY_ASSIGN(const kernel::Spec spec, kernel::load_spec(tree, given.on));
  TRY_ASSIGN(const Added added, what_is_added(given, spec, home));
  TRY_ASSIGN(auto placement, hunk_report(added.patches, spec, home.cache, on_note));
  return PatchedKernel{given.on,          given.on + "+" + added.series.folder.string(),
                       given.on,          given.on + "+" + added.series.name,
                       added.series.name, std::move(placement)};
}

// The fragment goes behind the kernel and before the series, so that builds share what they can.
void add_fragment(const std::string& fragment, std::string& kernel) {
  const auto parts = split_kernel_name(kernel).parts;
  if (fragment.empty() || std::find(parts.begin(), parts.end(), fragment) != parts.end()) return;
  kernel += "+" + fragment;
}

Result<void> check(const ChangeGiven& given) {
  const bool tree = is_git_tree(given.what);
  if (!tree && !given.range.empty())
    return user_error(fmt::format("--range: {} is not a git repository", given.what));
  if (!tree && given.on.empty())
    return user_error("--on is required: the kernel that the patch is applied to, such as v6.1");
  return {};
}

}  // namespace

Result<PatchedKernel> find_patched_kernel(const ChangeGiven& given, const fs::path& tree, const Home& home,
                                          const kernel::Note& on_note) {
  TRY(check(given));
  if (given.on.empty()) {
    TRY_ASSIGN(PatchedKernel kernels, kernels_of_tree(given));
    add_fragment(given.fragment, kernels.before);
    add_fragment(given.fragment, kernels.after);
    return kernels;
  }
  ChangeGiven onto = given;
  add_fragment(given.fragment, onto.on);
  return kernels_of_patches(onto, tree, home, on_note);
}

}  // namespace hangar::cli
