// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/patched_kernel.h"

#include <algorithm>
#include <iterator>
#include <optional>

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

// The commits of the range, or what is not committed, as patches.
Result<mail::Findings> patches_of_tree(const ChangeGiven& given) {
  TRY_ASSIGN(const auto repository, kernel::GitRepository::open(given.what));
  if (given.range.empty()) {
    TRY_ASSIGN(const std::string diff, repository.uncommitted());
    if (diff.empty()) {
      return user_error(
          fmt::format("{} has no uncommitted changes: --range A..B compares commits", given.what));
    }
    mail::Findings found = mail::find_all(diff, "uncommitted.patch");
    for (mail::Patch& patch : found.patches) patch.title = "uncommitted changes";
    return found;
  }
  TRY_ASSIGN(const auto range, repository.range(given.range));
  TRY_ASSIGN(const auto mails, repository.mails(range));
  mail::Findings all;
  for (const std::string& mail : mails) {
    mail::Findings one = mail::find_all(mail, "commit");
    std::move(one.patches.begin(), one.patches.end(), std::back_inserter(all.patches));
  }
  return all;
}

// A commit of the tree against another, or against the tree as it is.
Result<PatchedKernel> kernels_of_tree(const ChangeGiven& given) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(given.what));
  fs::path tree = whole.lexically_normal();
  if (!tree.has_filename()) tree = tree.parent_path();
  TRY_ASSIGN(const auto repository, kernel::GitRepository::open(tree));
  const auto at = [&](const std::string& commit) { return tree.string() + "@" + commit; };
  const auto name_at = [&](const std::string& commit) {
    return tree.filename().string() + "@" + commit.substr(0, 12);
  };
  if (given.range.empty()) {
    TRY_ASSIGN(const std::string diff, repository.uncommitted());
    if (diff.empty()) {
      return user_error(
          fmt::format("{} has no uncommitted changes: --range A..B compares commits", given.what));
    }
    TRY_ASSIGN(const auto head, repository.tree_at("HEAD"));
    return PatchedKernel{at(head.commit()),        tree.string(),      name_at(head.commit()),
                         tree.filename().string(), "the working tree", {}};
  }
  TRY_ASSIGN(const auto range, repository.range(given.range));
  return PatchedKernel{at(range.from), at(range.to), name_at(range.from), name_at(range.to), given.range, {}};
}

// A folder with a series.yaml is a series already: the patches that are for this kernel's version.
Result<mail::Findings> patches_of_series(const std::string& folder, const kernel::Spec& kernel) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(folder));
  TRY_ASSIGN(const kernel::Series series, kernel::load_series(kernel.kernels, whole.lexically_normal()));
  TRY_ASSIGN(const auto files, kernel::select_patches(series, kernel::version_of(kernel.source)));
  mail::Findings all;
  for (const kernel::PatchFile& file : files) {
    mail::Findings one = mail::find_all(file.text, file.name);
    std::move(one.patches.begin(), one.patches.end(), std::back_inserter(all.patches));
  }
  return all;
}

Result<PatchedKernel> kernel_with_series(const ChangeGiven& given, const kernel::Spec& spec, const Home& home,
                                         const kernel::Note& on_note) {
  TRY_ASSIGN(const auto findings, patches_of_series(given.what, spec));
  TRY_ASSIGN(auto placement, hunk_report(findings.patches, spec, home.cache, on_note));
  TRY_ASSIGN(const fs::path whole, fs::absolute(given.what));
  fs::path folder = whole.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::string name = folder.filename().string();
  return PatchedKernel{given.on, given.on + "+" + folder.string(),
                       given.on, given.on + "+" + name,
                       name,     std::move(placement)};
}

Result<PatchedKernel> kernels_of_patches(const ChangeGiven& given, const fs::path& tree, const Home& home,
                                         const kernel::Note& on_note) {
  TRY_ASSIGN(const kernel::Spec spec, kernel::load_spec(tree, given.on));
  if (fs::exists(fs::path(given.what) / "series.yaml")) return kernel_with_series(given, spec, home, on_note);
  auto found = is_git_tree(given.what) ? patches_of_tree(given) : mail::import_paths({given.what});
  if (!found) return found.error();
  TRY_ASSIGN(const CachedSeries series, cached_series(*found, given.what, home));
  TRY_ASSIGN(auto placement, hunk_report(found->patches, spec, home.cache, on_note));
  return PatchedKernel{given.on,    given.on + "+" + series.folder.string(),
                       given.on,    given.on + "+" + series.name,
                       series.name, std::move(placement)};
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
