// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/row.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"

namespace hangar::compare {
namespace {

using nlohmann::ordered_json;

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

template <typename T>
std::optional<T> optional_of(const ordered_json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<T>());
}

// Milliseconds are all that is meant, and keep the lines short.
double rounded(double seconds) {
  return static_cast<double>(static_cast<long long>(seconds * 1e3 + (seconds < 0 ? -0.5 : 0.5))) / 1e3;
}

ordered_json hangs_json(const Row& row) {
  ordered_json out = ordered_json::array();
  for (const HangRow& hang : row.hangs) {
    out.push_back({{"kind", hang.kind},
                   {"cause", or_null(hang.cause)},
                   {"start_s", rounded(hang.start_s)},
                   {"duration_s", rounded(hang.duration_s)},
                   {"censored", hang.censored},
                   {"ended_by", or_null(hang.ended_by)}});
    if (!row.interventions_recorded) continue;
    out.back()["censored_by"] = or_null(hang.censored_by);
    out.back()["over_s"] = hang.over_s ? ordered_json(rounded(*hang.over_s)) : ordered_json(nullptr);
  }
  return out;
}

void take_hangs(const ordered_json& json, Row& row) {
  for (const ordered_json& hang : json) {
    row.hangs.push_back({hang.at("kind").get<std::string>(), optional_of<std::string>(hang.at("cause")),
                         hang.at("start_s").get<double>(), hang.at("duration_s").get<double>(),
                         hang.at("censored").get<bool>(), optional_of<std::string>(hang.at("ended_by")),
                         std::nullopt, std::nullopt});
    row.interventions_recorded = hang.contains("censored_by");
    if (!row.interventions_recorded) continue;
    row.hangs.back().censored_by = optional_of<std::string>(hang.at("censored_by"));
    row.hangs.back().over_s = optional_of<double>(hang.at("over_s"));
  }
}

template <typename T>
std::optional<T> optional_at(const ordered_json& json, const char* key) {
  return json.contains(key) ? optional_of<T>(json.at(key)) : std::nullopt;
}

ordered_json kills_json(const std::vector<KillRow>& kills) {
  ordered_json out = ordered_json::array();
  for (const KillRow& kill : kills)
    out.push_back({{"time_s", rounded(kill.time_s)}, {"who", kill.who}, {"sysrq", kill.sysrq}});
  return out;
}

std::vector<KillRow> kills_of(const ordered_json& json) {
  std::vector<KillRow> kills;
  for (const ordered_json& kill : json) {
    kills.push_back(
        {kill.at("time_s").get<double>(), kill.at("who").get<std::string>(), kill.at("sysrq").get<bool>()});
  }
  return kills;
}

void take_outcome(const verdict::Outcome& outcome, Row& row) {
  const double since = outcome.started_s.value_or(0);
  row.end = to_text(outcome.end);
  row.watched_s = outcome.watched_s;
  if (outcome.exit && outcome.exit->signal == 0) row.exit_code = outcome.exit->code;
  for (const auto& hang : outcome.hangs) {
    const auto over_s = hang.over_s ? std::optional(*hang.over_s - since) : std::nullopt;
    row.hangs.push_back({hang.kind, hang.cause, hang.start_s - since, hang.duration_s, hang.censored,
                         hang.ended_by, hang.censored_by, over_s});
  }
  for (const auto& kill : outcome.oom_kills)
    row.kills.push_back({kill.time_s - since, name_of(kill), kill.sysrq});
  for (const auto& crash : outcome.crashes) row.crashes.push_back(crash.title);
  for (const auto& finding : outcome.findings) row.findings.push_back(finding.id);
}

// As they are in the file.
Result<std::vector<Row>> read_rows(const std::filesystem::path& file) {
  std::vector<Row> rows;
  if (!fs::exists(file)) return rows;
  TRY_ASSIGN(const std::string text, read_file(file));
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    auto row = row_from_json(std::string(line));
    if (!row) return std::move(row).error().within(fmt::format("{}:{}", file.string(), number));
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace

Result<Row> read_run(const std::filesystem::path& directory) {
  TRY_ASSIGN(const auto run, store::RunDirectory::open(directory));
  if (!run.finished()) return user_error(fmt::format("the run in {} is not finished", directory.string()));
  TRY_ASSIGN(const auto info, run.load_info());
  TRY_ASSIGN(const std::string text, read_file(run.file(store::names::outcome)));
  TRY_ASSIGN(const auto outcome, verdict::outcome_from_json(text));
  Row row;
  row.id = info.id;
  row.scenario = info.scenario;
  row.kernel = info.kernel;
  row.kernel_release = info.kernel_release;
  row.kernel_digest = info.kernel_digest.substr(0, 12);
  row.machine = info.machine;
  row.cmdline = info.cmdline;
  row.argv = info.guest_argv;
  row.restored = info.restored;
  // A run of an older Hangar names its boot only by having booted itself.
  if (!info.boot.empty() || !info.restored) row.boot = info.boot.empty() ? info.id : info.boot;
  row.shared = outcome.shared;
  row.interventions_recorded = outcome.hangs.empty() || text.find("\"censored_by\"") != std::string::npos;
  for (const auto& hang : outcome.hangs) row.suspect = row.suspect || hang.suspect;
  row.verdict = run.verdict();
  take_outcome(outcome, row);
  return row;
}

std::string to_json(const Row& row) {
  ordered_json out = {{"schema", "hangar.row/1"},
                      {"id", row.id},
                      {"scenario", row.scenario},
                      {"setting", row.setting},
                      {"kernel", row.kernel},
                      {"kernel_release", row.kernel_release},
                      {"kernel_digest", row.kernel_digest},
                      {"machine", row.machine},
                      {"cmdline", row.cmdline},
                      {"argv", row.argv},
                      {"restored", row.restored},
                      {"suspect", row.suspect},
                      {"end", row.end},
                      {"verdict", row.verdict},
                      {"watched_s", rounded(row.watched_s)},
                      {"exit_code", or_null(row.exit_code)},
                      {"hangs", hangs_json(row)},
                      {"kills", kills_json(row.kills)},
                      {"crashes", row.crashes},
                      {"findings", row.findings}};
  if (row.boot) out["boot"] = *row.boot;
  if (row.shared) out["shared"] = *row.shared;
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Row> row_from_json(const std::string& line) {
  try {
    const auto in = ordered_json::parse(line);
    Row row;
    in.at("id").get_to(row.id);
    in.at("scenario").get_to(row.scenario);
    in.at("setting").get_to(row.setting);
    in.at("kernel").get_to(row.kernel);
    in.at("kernel_release").get_to(row.kernel_release);
    in.at("kernel_digest").get_to(row.kernel_digest);
    in.at("machine").get_to(row.machine);
    in.at("cmdline").get_to(row.cmdline);
    in.at("argv").get_to(row.argv);
    in.at("restored").get_to(row.restored);
    in.at("suspect").get_to(row.suspect);
    in.at("end").get_to(row.end);
    in.at("verdict").get_to(row.verdict);
    in.at("watched_s").get_to(row.watched_s);
    row.exit_code = optional_of<int>(in.at("exit_code"));
    take_hangs(in.at("hangs"), row);
    row.kills = kills_of(in.at("kills"));
    in.at("crashes").get_to(row.crashes);
    in.at("findings").get_to(row.findings);
    row.boot = optional_at<std::string>(in, "boot");
    row.shared = optional_at<bool>(in, "shared");
    return row;
  } catch (const nlohmann::json::exception& failure) {
    return user_error(fmt::format("this is no row of hangar.row/1: {}", failure.what()));
  }
}

void censor_old_row(Row& row) {
  if (row.interventions_recorded) return;
  for (HangRow& hang : row.hangs) {
    const double until_s = hang.start_s + hang.duration_s;
    if (!hang.censored) hang.over_s = until_s;
    const auto ours = std::find_if(row.kills.begin(), row.kills.end(), [&](const KillRow& kill) {
      return kill.sysrq && kill.time_s > hang.start_s && kill.time_s <= until_s;
    });
    if (ours == row.kills.end() && hang.ended_by != "sysrq-f") continue;
    hang.censored = true;
    hang.censored_by = "sysrq-f";
    if (ours != row.kills.end()) hang.duration_s = ours->time_s - hang.start_s;
  }
}

Result<std::vector<Row>> load_rows(const std::filesystem::path& file) {
  TRY_ASSIGN(auto rows, read_rows(file));
  for (Row& row : rows) censor_old_row(row);
  return rows;
}

Result<int> merge_rows(const std::filesystem::path& file, const std::vector<Row>& rows) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  TRY_ASSIGN(const FolderLock lock, FolderLock::claim_waiting(folder));
  TRY_ASSIGN(const auto old, read_rows(file));
  std::map<std::string, const Row*> by_id;
  for (const Row& row : old) by_id[row.id] = &row;
  const size_t before = by_id.size();
  for (const Row& row : rows) by_id[row.id] = &row;
  std::string text;
  for (const auto& [id, row] : by_id) text += to_json(*row) + "\n";
  TRY(write_file_durably(file, text));
  return static_cast<int>(by_id.size() - before);
}

const HangRow* longest_hang(const Row& row) {
  const auto longest =
      std::max_element(row.hangs.begin(), row.hangs.end(),
                       [](const HangRow& a, const HangRow& b) { return a.duration_s < b.duration_s; });
  return longest == row.hangs.end() ? nullptr : &*longest;
}

std::optional<std::string> parameter(const Row& row, const std::string& name) {
  std::optional<std::string> value;
  for (const std::string_view word : split(row.cmdline, ' ')) {
    if (word.size() > name.size() && word.substr(0, name.size()) == name && word[name.size()] == '=')
      value = std::string(word.substr(name.size() + 1));
  }
  return value;
}

}  // namespace hangar::compare
