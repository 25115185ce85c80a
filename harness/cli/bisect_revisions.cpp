// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/bisect_revisions.h"

#include <algorithm>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/cached_series.h"
#include "harness/kernel/source/git.h"
#include "harness/kernel/spec/spec.h"
#include "harness/mail/import.h"

namespace hangar::cli {
namespace {

using bisect::Revision;
using bisect::Setup;

std::string with_parts(const std::string& kernel, const std::string& parts) {
  return parts.empty() ? kernel : kernel + "+" + parts;
}

// A fix is sought among the first parents, the newest first: what hits comes last there too.
Result<void> add_commits(const RevisionsGiven& given, Setup& setup) {
  TRY_ASSIGN(const auto repository, kernel::GitRepository::open(given.repo));
  const auto& [old, recent] =
      given.fixed ? std::pair(given.bad, given.good) : std::pair(given.good, given.bad);
  TRY_ASSIGN(const auto range, repository.range(old + ".." + recent));
  TRY_ASSIGN(auto commits, repository.history(range, {given.first_parent || given.fixed, given.paths}));
  TRY_ASSIGN(setup.repository, fs::absolute(repository.root()));
  if (given.fixed) std::reverse(commits.begin(), commits.end());
  std::map<std::string, int> numbers;
  for (const auto& commit : commits) {
    numbers[commit.id] = static_cast<int>(setup.revisions.size());
    setup.revisions.push_back(
        {commit.id, commit.subject, with_parts(setup.repository.string() + "@" + commit.id, given.add), ""});
    if (given.needs.empty()) continue;
    TRY_ASSIGN(const auto tree, repository.tree_at(commit.id));
    setup.revisions.back().lacks_code = !tree.has(given.needs);
  }
  if (given.fixed || given.first_parent) return {};
  for (const auto& commit : commits) {
    auto& parents = setup.parents.emplace_back();
    for (const std::string& parent : commit.parents) parents.push_back(numbers.at(parent));
  }
  return {};
}

Result<void> add_series(const RevisionsGiven& given, const Home& home, Setup& setup) {
  TRY_ASSIGN(const auto all, mail::import_paths({given.series}));
  setup.revisions.push_back({given.on, "", with_parts(given.on, given.add), ""});
  mail::Findings prefix;
  for (const mail::Patch& patch : all.patches) {
    prefix.patches.push_back(patch);
    TRY_ASSIGN(const CachedSeries series, cached_series(prefix, given.series, home));
    setup.revisions.push_back({fmt::format("{}/{}", prefix.patches.size(), all.patches.size()), patch.title,
                               with_parts(given.on, given.add) + "+" + series.folder.string(), ""});
  }
  return {};
}

// Of a folder: the files in it by the numbers in their names.
Result<std::vector<std::string>> kernels_in(const std::string& place) {
  std::vector<std::string> kernels;
  if (!fs::is_directory(place)) {
    TRY_ASSIGN(const std::string text, read_file(place));
    for (const std::string_view line : split(text, '\n')) {
      if (!trim(line).empty() && line.front() != '#') kernels.emplace_back(trim(line));
    }
    return kernels;
  }
  TRY_ASSIGN(const auto entries, fs::list_if_exists(place));
  for (const auto& entry : entries) {
    TRY_ASSIGN(const fs::path path, fs::absolute(entry.path()));
    if (fs::is_regular_file(path)) kernels.push_back(path.string());
  }
  std::sort(kernels.begin(), kernels.end(), [](const std::string& a, const std::string& b) {
    return ::strverscmp(a.c_str(), b.c_str()) < 0;
  });
  return kernels;
}

Result<void> add_kernels(const RevisionsGiven& given, Setup& setup) {
  TRY_ASSIGN(const auto kernels, kernels_in(given.kernels));
  for (const std::string& kernel : kernels)
    setup.revisions.push_back({kernel, "", with_parts(kernel, given.add), ""});
  return {};
}

void add_configs(const RevisionsGiven& given, Setup& setup) {
  std::string kernel = with_parts(given.on, given.add);
  setup.revisions.push_back({given.on, "", kernel, ""});
  for (const std::string_view fragment : split(given.configs, ',')) {
    kernel += "+" + std::string(fragment);
    setup.revisions.push_back({std::string(fragment), "together with those before it", kernel, ""});
  }
}

void add_params(const RevisionsGiven& given, Setup& setup) {
  const std::string kernel = with_parts(given.on, given.add);
  std::string append;
  setup.revisions.push_back({given.on, "", kernel, ""});
  for (const std::string_view word : split(given.params, ' ')) {
    if (word.empty()) continue;
    append += (append.empty() ? "" : " ") + std::string(word);
    setup.revisions.push_back({std::string(word), "together with those before it", kernel, append});
  }
}

Result<void> check(const RevisionsGiven& given) {
  const bool on = !given.on.empty();
  const int lists = (given.series.empty() ? 0 : 1) + (given.kernels.empty() ? 0 : 1) +
                    (given.configs.empty() ? 0 : 1) + (given.params.empty() ? 0 : 1);
  if (lists > 1) return user_error("only one of --series, --kernels, --configs and --params can be given");
  if (lists == 1) {
    if (!given.good.empty() || !given.bad.empty())
      return user_error("--good and --bad name commits: the ends of a list are its first and last item");
    if (given.fixed || !given.needs.empty()) return user_error("--fixed and --needs require commits");
    if (given.kernels.empty() && !on) return user_error("--on is required: the kernel of the good end");
    return {};
  }
  if (on) return user_error("--on requires --series, --configs or --params");
  if (given.good.empty() || given.bad.empty())
    return user_error("--good and --bad are required: the commits to search between");
  return {};
}

}  // namespace

Result<void> find_revisions(const RevisionsGiven& given, const fs::path& tree, const Home& home,
                            bisect::Setup& setup) {
  TRY(check(given));
  if (!given.series.empty()) {
    TRY(add_series(given, home, setup));
  } else if (!given.kernels.empty()) {
    TRY(add_kernels(given, setup));
  } else if (!given.configs.empty()) {
    add_configs(given, setup);
  } else if (!given.params.empty()) {
    add_params(given, setup);
  } else {
    return add_commits(given, setup);
  }
  if (setup.revisions.size() < 2) return user_error("a bisection requires at least two revisions");
  if (!setup.command.empty()) return {};
  // A misspelt name is found before the first build.
  for (const Revision& revision : setup.revisions) TRY(kernel::load_spec(tree, revision.kernel));
  return {};
}

}  // namespace hangar::cli
