// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/run_row.h"

#include <algorithm>

#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using nlohmann::json;

std::vector<json> list_in(const json& outcome, const char* key) {
  return field<std::vector<json>>(outcome, key).value_or(std::vector<json>());
}

void add_once(std::vector<std::string>& list, std::string text) {
  if (text.empty() || std::find(list.begin(), list.end(), text) != list.end()) return;
  list.push_back(std::move(text));
}

void add_hangs(const json& outcome, RunFacts& facts) {
  std::vector<json> hangs = list_in(outcome, "hangs");
  const auto seconds = [](const json& hang) { return field<double>(hang, "duration_s").value_or(0); };
  std::stable_sort(hangs.begin(), hangs.end(),
                   [&](const json& a, const json& b) { return seconds(a) > seconds(b); });
  facts.hangs = static_cast<std::int64_t>(hangs.size());
  for (const json& hang : hangs) add_once(facts.hang_kinds, field<std::string>(hang, "kind").value_or(""));
  if (hangs.empty()) return;
  facts.longest_hang_s = seconds(hangs.front());
  facts.longest_hang_censored = field<bool>(hangs.front(), "censored").value_or(false);
}

void add_kills(const json& outcome, RunFacts& facts) {
  for (const json& kill : list_in(outcome, "oom_kills")) {
    if (field<bool>(kill, "sysrq").value_or(false)) continue;
    ++facts.kills;
    const auto role = field<std::string>(kill, "role");
    add_once(facts.victims, role ? *role : field<std::string>(kill, "comm").value_or(""));
  }
}

// Only the keys that the index has: the type of all of it belongs to a module that this one does not know.
std::optional<RunFacts> read_facts(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  const json outcome = parse_object(*text);
  RunFacts facts;
  const auto end = field<std::string>(outcome, "end");
  if (!end) return std::nullopt;
  facts.end = *end;
  add_hangs(outcome, facts);
  add_kills(outcome, facts);
  for (const json& crash : list_in(outcome, "crashes"))
    add_once(facts.crashes, field<std::string>(crash, "title").value_or(""));
  return facts;
}

}  // namespace

std::int64_t judged_ns(const fs::path& directory) {
  struct stat info = {};
  if (::stat((directory / names::verdict).c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Result<RunRow> read_row(const fs::path& directory) {
  TRY_ASSIGN(const RunDirectory run, RunDirectory::open(directory));
  TRY_ASSIGN(RunInfo info, run.load_info());
  RunRow row;
  row.id = run.id();
  row.directory = run.path();
  row.judged_ns = judged_ns(directory);  // before the verdict is read: a later one shows in a later time
  row.verdict = run.verdict();
  if (row.verdict.empty()) row.verdict = "unfinished";
  row.experiment = std::move(info.experiment);
  row.scenario = std::move(info.scenario);
  row.kernel = std::move(info.kernel);
  row.started_unix = info.started_unix;
  row.wall_s = info.wall_s;
  row.kernel_release = std::move(info.kernel_release);
  row.kernel_revision = std::move(info.kernel_revision);
  row.kernel_dirty = info.kernel_dirty;
  row.kernel_signature = std::move(info.kernel_signature);
  row.kernel_config_digest = std::move(info.kernel_config_digest);
  row.append = std::move(info.append);
  row.facts = read_facts(run.file(names::outcome));
  return row;
}

}  // namespace hangar::store
