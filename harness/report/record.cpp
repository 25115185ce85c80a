// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/run/stored_verdict.h"
#include "harness/verdict/why.h"

namespace hangar::report {
namespace {

using verdict::Verdict;

Result<void> check_is_run(const fs::path& directory) {
  if (!fs::exists(directory)) {
    return user_error(
        fmt::format("{} does not exist: was this run removed by `hangar runs prune`?", directory.string()));
  }
  if (fs::exists(directory / store::names::run)) return {};
  return user_error(
      fmt::format("{} is not a run folder: {} is missing", directory.string(), store::names::run));
}

}  // namespace

Result<Run> read_run(const fs::path& given) {
  TRY(check_is_run(given));
  TRY_ASSIGN(const fs::path directory, fs::absolute(given));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory.lexically_normal()));
  Run run;
  TRY_ASSIGN(auto read, compare::read_stored_run(stored.path()));
  run.row = std::move(read.row);
  Record record;
  record.directory = stored.path();
  record.info = std::move(read.info);
  record.outcome = std::move(read.outcome);
  TRY_ASSIGN(record.spec, run::load_bundle(stored.path()));
  const fs::path file = stored.file(store::names::verdict);
  if (!fs::exists(file)) {
    return user_error(
        fmt::format("{} is missing; `hangar judge {}` writes it", file.string(), given.string()));
  }
  TRY_ASSIGN(const std::string text, read_file(file));
  auto judged = run::verdict_from_json(text);
  if (!judged) return Error(judged.error()).within(file.string());
  run.verdict = judged->verdict;
  record.judgements = std::move(judged->judgements);
  record.judged_by = std::move(judged->by);
  run.why = verdict::why_of(run.verdict, record.outcome, record.judgements);
  run.record = std::move(record);
  return run;
}

Run run_of(compare::Row row) {
  Run run;
  run.verdict = run::verdict_from_word(row.verdict).value_or(Verdict::infra_error);
  run.why = run.verdict == Verdict::pass ? "as expected" : "";
  run.row = std::move(row);
  return run;
}

bool counts(const Run& run) {
  return !verdict::is_excluded(run.row.verdict, run.row.end) &&
         !verdict::could_not_run(run.row.verdict, run.row.exit_code);
}

bool hung(const Run& run) {
  return !run.row.hangs.empty();
}

std::string started_at(const Run& run) {
  if (run.record && run.record->info.started_unix > 0) {
    const auto unix_s = static_cast<std::time_t>(run.record->info.started_unix);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(unix_s));
  }
  const std::string& id = run.row.id;  // 20261123-021530-4f2a9c
  if (!store::is_id(id)) return "";
  return fmt::format("{}-{}-{}T{}:{}:{}Z", id.substr(0, 4), id.substr(4, 2), id.substr(6, 2), id.substr(9, 2),
                     id.substr(11, 2), id.substr(13, 2));
}

}  // namespace hangar::report
