// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/site.h"

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/vm/remote_uri.h"

namespace hangar::cluster {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<fs::path> absolute_path(const Yaml& value) {
  TRY_ASSIGN(const std::string text, value.text());
  if (text.empty() || text[0] != '/') return value.error("expected an absolute path");
  return fs::path(text);
}

Result<int> count(const Yaml& value, int most) {
  TRY_ASSIGN(const std::int64_t number, value.integer());
  if (number < 1 || number > most) return value.error(fmt::format("expected 1 to {}", most));
  return static_cast<int>(number);
}

template <typename T, typename Read>
Result<void> take(const Yaml& map, const char* key, T& into, Read&& read) {
  const auto value = map.get(key);
  if (!value) return {};
  TRY_ASSIGN(into, read(*value));
  return {};
}

// Words that go to sbatch: one word each, which cannot be taken for an option.
Result<std::string> sbatch_word(const Yaml& value) {
  TRY_ASSIGN(std::string text, value.title());
  if (text.empty() || text[0] == '-' || text.find(' ') != std::string::npos)
    return value.error("expected one word that does not begin with `-`");
  return text;
}

Result<void> take_slurm(const Yaml& map, Site& site) {
  constexpr int most_starts_per_minute = 100000;
  constexpr int most_tasks = 100000;
  constexpr int most_tries = 100;
  TRY(map.only_keys({"partition", "account", "constraint", "time-limit", "task", "starts-per-minute",
                     "tasks-at-a-time", "most-starts", "settle", "patience"}));
  TRY(take(map, "partition", site.partition, sbatch_word));
  TRY(take(map, "account", site.account, sbatch_word));
  TRY(take(map, "constraint", site.constraint, sbatch_word));
  TRY(take(map, "time-limit", site.time_limit, sbatch_word));
  const auto duration = [](const Yaml& value) { return value.duration(); };
  TRY(take(map, "task", site.task, duration));
  TRY(take(map, "settle", site.settle, duration));
  TRY(take(map, "patience", site.patience, duration));
  TRY(take(map, "starts-per-minute", site.starts_per_minute,
           [](const Yaml& value) { return count(value, most_starts_per_minute); }));
  TRY(take(map, "tasks-at-a-time", site.tasks_at_a_time,
           [](const Yaml& value) { return count(value, most_tasks); }));
  return take(map, "most-starts", site.most_starts,
              [](const Yaml& value) { return count(value, most_tries); });
}

Result<void> take_node(const Yaml& map, Site& site) {
  TRY(map.only_keys({"folder", "cache"}));
  TRY(take(map, "folder", site.node_folder, absolute_path));
  return take(map, "cache", site.node_bytes, [](const Yaml& value) { return value.size(); });
}

Result<void> take_connect(const Yaml& value, Site& site) {
  for (const Yaml& item : value.items()) {
    TRY_ASSIGN(const std::string uri, item.text());
    if (const auto good = vm::check_uri(uri); !good) return item.error(good.error().message);
    site.connect.push_back(uri);
  }
  return {};
}

fs::path default_node_folder() {
  return fmt::format("/var/tmp/hangar-{}", ::geteuid());
}

}  // namespace

Result<Site> parse_site(const std::string& text, const std::string& file) {
  Site site;
  site.node_folder = default_node_folder();
  if (trim(text).empty()) return site;
  TRY_ASSIGN(const Yaml map, Yaml::parse(text, file));
  TRY(map.only_keys({"engine", "connect", "shared", "node", "slurm"}));
  TRY(take(map, "engine", site.engine, [](const Yaml& value) { return value.one_of<Engine>(); }));
  if (const auto connect = map.get("connect")) TRY(take_connect(*connect, site));
  TRY(take(map, "shared", site.shared, absolute_path));
  if (const auto node = map.get("node")) TRY(take_node(*node, site));
  if (const auto slurm = map.get("slurm")) TRY(take_slurm(*slurm, site));
  return site;
}

std::optional<fs::path> site_file() {
  const std::string named = environment("HANGAR_CONFIG");
  if (!named.empty()) return fs::path(named);
  const std::string xdg = environment("XDG_CONFIG_HOME");
  const fs::path own = xdg.empty() ? fs::path(environment("HOME")) / ".config" : fs::path(xdg);
  for (const fs::path& file : {own / "hangar/hangar.yaml", fs::path("/etc/hangar/hangar.yaml")})
    if (fs::is_regular_file(file)) return file;
  return std::nullopt;
}

Result<Site> load_site() {
  const auto file = site_file();
  if (!file) return parse_site("", "hangar.yaml");
  TRY_ASSIGN(const std::string text, read_file(*file, max_yaml_bytes));
  return parse_site(text, *file);
}

}  // namespace hangar::cluster
