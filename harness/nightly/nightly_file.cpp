// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/nightly_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"

namespace hangar::nightly {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr milliseconds shortest_budget = minutes(1);
constexpr milliseconds longest_budget = hours(24);
constexpr std::size_t most_series = 1000;
constexpr std::uint64_t most_min_free = 1ull << 50;

Result<std::string> need_title(const Yaml& yaml, const std::string& key) {
  TRY_ASSIGN(const Yaml value, yaml.need(key));
  TRY_ASSIGN(std::string text, value.title());
  if (text.empty()) return value.error(fmt::format("expected a text as `{}`", key));
  return text;
}

Result<void> read_title(const Yaml& yaml, const std::string& key, std::string& into) {
  if (!yaml.get(key)) return {};
  TRY_ASSIGN(into, need_title(yaml, key));
  return {};
}

Result<void> read_number(const Yaml& yaml, const std::string& key, int least, int most, int& into) {
  const auto value = yaml.get(key);
  if (!value) return {};
  TRY_ASSIGN(const std::int64_t number, value->integer());
  if (number < least || number > most) return value->error(fmt::format("expected {} to {}", least, most));
  into = static_cast<int>(number);
  return {};
}

// A path of the user's, from the folder of the file. A URL stays as it is.
std::string resolved(const std::string& written, const fs::path& folder) {
  if (written.find("://") != std::string::npos || written.starts_with("~")) return written;
  return (folder / written).lexically_normal().string();
}

// The same of a repository, which may be HOST:PATH, as ssh has it.
std::string resolved_repository(const std::string& written, const fs::path& folder) {
  const std::size_t colon = written.find(':');
  const bool host = colon != std::string::npos && colon > 0 && written.find('/') > colon;
  return host ? written : resolved(written, folder);
}

// A kernel that is the name of a spec is not a path.
std::string resolved_kernel(const std::string& written, const fs::path& folder) {
  const bool path = written.starts_with("./") || written.starts_with("../");
  return path ? resolved(written, folder) : written;
}

Result<TargetKind> kind_of(const Yaml& yaml) {
  std::vector<TargetKind> kinds;
  for (const std::string& word : all_words<TargetKind>()) {
    if (yaml.get(word)) kinds.push_back(*from_word<TargetKind>(word));
  }
  if (kinds.size() != 1) return yaml.error("expected exactly one of `git`, `debian` and `queue`");
  return kinds.front();
}

// The name of a target that has none: its branch, package or file.
std::string default_name(const Target& target) {
  if (target.kind == TargetKind::git) return target.branch;
  if (target.kind == TargetKind::debian) return target.source;
  return fs::path(target.source).stem().string();
}

std::vector<std::string> keys_of(TargetKind kind) {
  if (kind == TargetKind::git) return {"name", "git", "branch"};
  if (kind == TargetKind::debian) return {"name", "debian"};
  return {"name", "queue", "on"};
}

Result<void> read_source(const Yaml& yaml, const fs::path& folder, Target& target) {
  TRY_ASSIGN(target.source, need_title(yaml, to_string(target.kind)));
  if (target.kind == TargetKind::debian) {
    const auto package = yaml.get("debian");
    return is_name(target.source) ? Result<void>() : package->error("expected the name of a Debian package");
  }
  target.source = target.kind == TargetKind::git ? resolved_repository(target.source, folder)
                                                 : resolved(target.source, folder);
  if (target.kind == TargetKind::queue) {
    TRY_ASSIGN(const std::string on, need_title(yaml, "on"));
    target.on = resolved_kernel(on, folder);
    return {};
  }
  TRY_ASSIGN(target.branch, need_title(yaml, "branch"));
  const bool option = target.branch.starts_with("-") || target.branch.find(' ') != std::string::npos;
  return option ? yaml.get("branch")->error("expected the name of a branch") : Result<void>();
}

Result<Target> read_target(const Yaml& yaml, const fs::path& folder) {
  // Unknown keys first: `gti` is more helpful than that there is neither `git` nor another source.
  TRY(yaml.only_keys({"name", "git", "branch", "debian", "queue", "on"}));
  Target target;
  TRY_ASSIGN(target.kind, kind_of(yaml));
  TRY(yaml.only_keys(keys_of(target.kind)));
  TRY(read_source(yaml, folder, target));
  if (const auto name = yaml.get("name")) {
    TRY_ASSIGN(target.name, name->name());
    return target;
  }
  target.name = default_name(target);
  if (is_name(target.name)) return target;
  return yaml.error(fmt::format("`{}` cannot be a name ({}): add `name: NAME`",
                                sanitize_for_terminal(target.name), name_rule));
}

Result<void> read_follow(const Yaml& yaml, NightlyFile& file) {
  TRY_ASSIGN(const Yaml follow, yaml.need("follow"));
  for (const Yaml& item : follow.items()) {
    TRY_ASSIGN(Target target, read_target(item, file.folder));
    const bool second = std::any_of(file.follow.begin(), file.follow.end(),
                                    [&](const Target& other) { return other.name == target.name; });
    if (second || target.name == "release")
      return item.error(fmt::format("the name `{}` is used already: add another `name`", target.name));
    file.follow.push_back(std::move(target));
  }
  return file.follow.empty() ? follow.error("expected at least one target") : Result<void>();
}

Result<void> read_scenarios(const Yaml& yaml, NightlyFile& file) {
  TRY_ASSIGN(const Yaml scenarios, yaml.need("scenarios"));
  for (const Yaml& item : scenarios.items()) {
    TRY_ASSIGN(std::string name, item.title());
    if (name.empty()) return item.error("expected the name of a scenario");
    if (!file.run.empty() && !is_name(name))
      return item.error(fmt::format("with `run`, a scenario is a name: {}", name_rule));
    if (name.find('/') != std::string::npos) name = resolved(name, file.folder);
    if (std::find(file.scenarios.begin(), file.scenarios.end(), name) != file.scenarios.end())
      return item.error(fmt::format("duplicate scenario `{}`", name));
    file.scenarios.push_back(std::move(name));
  }
  if (file.scenarios.empty()) return scenarios.error("expected at least one scenario");
  if (file.scenarios.size() * file.follow.size() > most_series)
    return scenarios.error(fmt::format("expected at most {} pairs of target and scenario", most_series));
  return {};
}

Result<void> read_config(const Yaml& yaml, NightlyFile& file) {
  TRY(read_title(yaml, "config", file.config));
  if (file.config.empty()) return {};
  for (const std::string_view part : split(file.config, '+')) {
    if (!is_name(part)) return yaml.get("config")->error("expected parts of a kernel such as `memcg+slab`");
  }
  return {};
}

Result<void> read_image(const Yaml& yaml, NightlyFile& file) {
  constexpr std::string_view disk = "disk:";
  TRY(read_title(yaml, "image", file.image));
  if (file.image.starts_with(disk))
    file.image = std::string(disk) + resolved(file.image.substr(disk.size()), file.folder);
  return {};
}

Result<void> read_release(const Yaml& yaml, NightlyFile& file) {
  TRY(read_title(yaml, "release", file.release));
  if (file.release.empty()) return {};
  if (file.run.empty()) {
    file.release = resolved_kernel(file.release, file.folder);
    return {};
  }
  const std::size_t at = file.release.rfind('@');
  if (at != std::string::npos && at != 0 && at + 1 != file.release.size()) {
    file.release = resolved_repository(file.release.substr(0, at), file.folder) + file.release.substr(at);
    return {};
  }
  return yaml.get("release")->error("with `run`, expected a commit of a repository, such as ~/linux@v6.12");
}

// A command is run in a checkout: no kernel is built, and no guest is started.
Result<void> read_run(const Yaml& yaml, NightlyFile& file) {
  TRY(read_title(yaml, "run", file.run));
  if (file.run.empty()) return {};
  for (const char* key : {"config", "image"}) {
    if (const auto value = yaml.get(key))
      return value->error(fmt::format("`run` and `{}` are mutually exclusive: no guest is started", key));
  }
  for (const Target& target : file.follow) {
    if (target.kind != TargetKind::git)
      return yaml.get("follow")->error("with `run`, only branches of git can be followed");
  }
  return {};
}

Result<void> read_repeat(const Yaml& yaml, NightlyFile& file) {
  constexpr int most_repeat = 1000;
  const auto repeat = yaml.get("repeat");
  if (!repeat) return {};
  TRY(repeat->only_keys({"least", "most"}));
  TRY(read_number(*repeat, "least", 1, most_repeat, file.repeat.least));
  file.repeat.most = std::max(file.repeat.most, file.repeat.least);
  TRY(read_number(*repeat, "most", 1, most_repeat, file.repeat.most));
  if (file.repeat.most >= file.repeat.least) return {};
  return repeat->error(
      fmt::format("`most` ({}) is less than `least` ({})", file.repeat.most, file.repeat.least));
}

Result<void> read_limits(const Yaml& yaml, NightlyFile& file) {
  if (const auto budget = yaml.get("budget")) {
    TRY_ASSIGN(file.budget, budget->duration());
    if (file.budget < shortest_budget || file.budget > longest_budget)
      return budget->error("expected a budget of 1m to 24h");
  }
  if (const auto free = yaml.get("min-free")) {
    TRY_ASSIGN(file.min_free, free->size());
    if (file.min_free > most_min_free) return free->error("expected at most 1048576GiB");
  }
  TRY(read_number(yaml, "rest", 1, 365, file.rest));
  return read_number(yaml, "keep", 1, 10000, file.keep);
}

}  // namespace

Result<NightlyFile> parse_nightly(std::string_view text, const std::string& name, const fs::path& folder) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, name));
  TRY(yaml.only_keys({"nightly", "about", "follow", "scenarios", "run", "config", "image", "release",
                      "budget", "repeat", "rest", "keep", "min-free", "reports", "notify"}));
  NightlyFile nightly;
  nightly.folder = folder;
  TRY_ASSIGN(const Yaml job, yaml.need("nightly"));
  TRY_ASSIGN(nightly.name, job.name());
  if (const auto about = yaml.get("about")) {
    TRY_ASSIGN(nightly.about, about->text());
  }
  TRY(read_follow(yaml, nightly));
  TRY(read_run(yaml, nightly));
  TRY(read_scenarios(yaml, nightly));
  TRY(read_config(yaml, nightly));
  TRY(read_image(yaml, nightly));
  TRY(read_release(yaml, nightly));
  TRY(read_repeat(yaml, nightly));
  TRY(read_limits(yaml, nightly));
  TRY_ASSIGN(const std::string reports, need_title(yaml, "reports"));
  nightly.reports = resolved(reports, folder);
  TRY(read_title(yaml, "notify", nightly.notify));
  return nightly;
}

Result<NightlyFile> load_nightly(const fs::path& file) {
  TRY_ASSIGN(const std::string text, read_file(file, max_yaml_bytes));
  TRY_ASSIGN(const fs::path whole, fs::absolute(file));
  return parse_nightly(text, file.string(), whole.parent_path());
}

}  // namespace hangar::nightly
