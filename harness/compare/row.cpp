// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/row.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/base/json.h"
#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"

namespace hangar::compare {
namespace {

using nlohmann::ordered_json;

// Milliseconds are all that is meant, and keep the lines short.
double rounded(double seconds) {
  constexpr double largest = 1e9;  // a larger one is damage, as NaN is
  return std::abs(seconds) <= largest ? std::round(seconds * 1e3) / 1e3 : seconds;
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
    out.back()["over_s"] = hang.over_s ? ordered_json(rounded(*hang.over_s)) : ordered_json();
  }
  return out;
}

ordered_json kills_json(const std::vector<KillRow>& kills) {
  ordered_json out = ordered_json::array();
  for (const KillRow& kill : kills) {
    out.push_back({{"time_s", rounded(kill.time_s)}, {"who", kill.who}, {"sysrq", kill.sysrq}});
    if (kill.free_s) out.back()["free_s"] = rounded(*kill.free_s);
  }
  return out;
}

ordered_json pace_json(const PaceRow& pace) {
  const auto or_nothing = [](std::optional<double> value) {
    return value ? ordered_json(rounded(*value)) : ordered_json();
  };
  return {{"ran_s", rounded(pace.ran_s)},
          {"stall_s", or_nothing(pace.stall_s)},
          {"probe_median_ms", or_nothing(pace.probe_median_ms)},
          {"probe_p95_ms", or_nothing(pace.probe_p95_ms)}};
}

void take_outcome(const verdict::Outcome& outcome, Row& row) {
  const double since = outcome.started_s.value_or(0);
  row.end = to_string(outcome.end);
  row.watched_s = outcome.watched_s;
  if (outcome.exit && outcome.exit->signal == 0) row.exit_code = outcome.exit->code;
  for (const auto& hang : outcome.hangs) {
    const auto over_s = hang.over_s ? std::optional(*hang.over_s - since) : std::nullopt;
    row.hangs.push_back({hang.kind, hang.cause, hang.start_s - since, hang.duration_s, hang.censored,
                         hang.ended_by, hang.censored_by, over_s});
  }
  for (const auto& kill : outcome.oom_kills) {
    const auto free_s = kill.free_s ? std::optional(*kill.free_s - since) : std::nullopt;
    row.kills.push_back({kill.time_s - since, name_of(kill), kill.sysrq, free_s});
  }
  if (outcome.pace) row.pace = PaceRow{*outcome.pace};
  for (const auto& crash : outcome.crashes) row.crashes.push_back(crash.title);
  for (const auto& finding : outcome.findings) row.findings.push_back(finding.id);
}

// As they are in the file.
Result<std::vector<Row>> read_rows(const fs::path& file) {
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

static void read_fields(JsonReader& in, HangRow& hang) {
  in.take("kind", hang.kind).take("cause", hang.cause).take("start_s", hang.start_s);
  in.take("duration_s", hang.duration_s).take("censored", hang.censored).take("ended_by", hang.ended_by);
  if (in.has("censored_by")) in.take("censored_by", hang.censored_by).take("over_s", hang.over_s);
}

static void read_fields(JsonReader& in, KillRow& kill) {
  in.take("time_s", kill.time_s).take("who", kill.who).take("sysrq", kill.sysrq);
  in.take_if("free_s", kill.free_s);
}

static void read_fields(JsonReader& in, PaceRow& pace) {
  in.take("ran_s", pace.ran_s).take("stall_s", pace.stall_s);
  in.take("probe_median_ms", pace.probe_median_ms).take("probe_p95_ms", pace.probe_p95_ms);
}

static void read_fields(JsonReader& in, Row& row) {
  in.take("id", row.id).take("scenario", row.scenario).take("setting", row.setting);
  in.take("kernel", row.kernel).take("kernel_release", row.kernel_release);
  // A setting that only chooses a kernel has its name.
  if (row.setting == row.kernel) row.setting = current_kernel_name(row.kernel);
  row.kernel = current_kernel_name(row.kernel);
  in.take("kernel_digest", row.kernel_digest).take("machine", row.machine).take("cmdline", row.cmdline);
  in.take("argv", row.argv).take("restored", row.restored).take("suspect", row.suspect);
  in.take("end", row.end).take("verdict", row.verdict).take("watched_s", row.watched_s);
  in.take("exit_code", row.exit_code).take("hangs", row.hangs).take("kills", row.kills);
  in.take("crashes", row.crashes).take("findings", row.findings);
  in.take_if("boot", row.boot).take_if("shared", row.shared).take_if("pace", row.pace);
  in.take_if("qemu", row.qemu).take_if("node", row.node).take_if("cpu", row.cpu);
}

static Row row_of(const store::RunInfo& info, const verdict::Outcome& outcome) {
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
  if (!info.qemu.empty()) row.qemu = info.qemu;
  if (!info.node.empty()) row.node = info.node;
  if (!info.cpu.empty()) row.cpu = info.cpu;
  row.shared = outcome.shared;
  for (const auto& hang : outcome.hangs) row.suspect = row.suspect || hang.suspect;
  take_outcome(outcome, row);
  return row;
}

Result<StoredRun> read_stored_run(const fs::path& directory) {
  TRY_ASSIGN(const auto run, store::RunDirectory::open(directory));
  if (!run.finished()) return user_error(fmt::format("the run in {} is not finished", directory.string()));
  StoredRun stored;
  TRY_ASSIGN(stored.info, run.load_info());
  TRY_ASSIGN(const std::string text, read_file(run.file(store::names::outcome)));
  auto outcome = verdict::outcome_from_json(text);
  if (!outcome) return Error(outcome.error()).within(run.file(store::names::outcome).string());
  stored.outcome = std::move(*outcome);
  stored.row = row_of(stored.info, stored.outcome);
  stored.row.interventions_recorded =
      stored.outcome.hangs.empty() || text.find("\"censored_by\"") != std::string::npos;
  stored.row.verdict = run.verdict();
  return stored;
}

Result<Row> read_run(const fs::path& directory) {
  TRY_ASSIGN(StoredRun stored, read_stored_run(directory));
  return std::move(stored.row);
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
  if (row.qemu) out["qemu"] = *row.qemu;
  if (row.node) out["node"] = *row.node;
  if (row.cpu) out["cpu"] = *row.cpu;
  if (row.pace) out["pace"] = pace_json(*row.pace);
  return json_text(out);
}

Result<Row> row_from_json(const std::string& line) {
  TRY_ASSIGN(const nlohmann::json in, parse_json(line));
  TRY_ASSIGN(Row row, decode_as<Row>(in, "a row of hangar.row/1"));
  if (!row.hangs.empty()) row.interventions_recorded = in["hangs"].back().contains("censored_by");
  return row;
}

void censor_old_row(Row& row) {
  if (row.interventions_recorded) return;
  for (HangRow& hang : row.hangs) {
    const double until_s = hang.start_s + hang.duration_s;
    if (!hang.censored) hang.over_s = until_s;
    const auto ours = std::find_if(row.kills.begin(), row.kills.end(), [&](const KillRow& kill) {
      return kill.sysrq && kill.time_s > hang.start_s && kill.time_s <= until_s;
    });
    if (ours == row.kills.end() && hang.ended_by != HangEnd::sysrq_f) continue;
    hang.censored = true;
    hang.censored_by = "sysrq-f";
    if (ours != row.kills.end()) hang.duration_s = ours->time_s - hang.start_s;
  }
}

Result<std::vector<Row>> load_rows(const fs::path& file) {
  TRY_ASSIGN(auto rows, read_rows(file));
  for (Row& row : rows) censor_old_row(row);
  return rows;
}

Result<int> merge_rows(const fs::path& file, const std::vector<Row>& rows) {
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
