// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"
#include "harness/run/report.h"
#include "harness/run/why.h"
#include "harness/subtest/subtests.h"
#include "harness/verdict/witness.h"

namespace hangar::run {
namespace {

using nlohmann::ordered_json;

ordered_json lines_json(const std::vector<verdict::CitedLine>& lines) {
  ordered_json out = ordered_json::array();
  for (const auto& line : lines) out.push_back({{"line", line.line}, {"text", line.text}});
  return out;
}

// The step of a sequence in which a hang was.
ordered_json hang_step_json(const std::optional<verdict::HangStep>& step) {
  if (!step) return nullptr;
  return {{"number", step->number}, {"of", step->of}, {"name", step->name}};
}

ordered_json steps_json(const std::vector<verdict::StepRun>& steps) {
  ordered_json out = ordered_json::array();
  for (const auto& step : steps) {
    out.push_back({{"name", step.name},
                   {"argv", step.argv},
                   {"started_s", or_null(step.started_s)},
                   {"ended_s", or_null(step.ended_s)},
                   {"exit", or_null(step.exit)},
                   {"signal", or_null(step.signal)}});
  }
  return out;
}

ordered_json hangs_json(const std::vector<verdict::Hang>& hangs) {
  ordered_json out = ordered_json::array();
  for (const auto& hang : hangs) {
    out.push_back({{"kind", hang.kind},
                   {"cause", or_null(hang.cause)},
                   {"start_s", hang.start_s},
                   {"end_s", or_null(hang.end_s)},
                   {"duration_s", hang.duration_s},
                   {"censored", hang.censored},
                   {"ended_by", or_null(hang.ended_by)},
                   {"censored_by", or_null(hang.censored_by)},
                   {"over_s", or_null(hang.over_s)},
                   {"suspect", hang.suspect},
                   {"evidence", hang.evidence},
                   {"where", or_null(hang.where)},
                   {"step", hang_step_json(hang.step)},
                   {"lines", lines_json(hang.lines)}});
  }
  return out;
}

ordered_json kills_json(const std::vector<verdict::OomKill>& kills) {
  ordered_json out = ordered_json::array();
  for (const auto& kill : kills) {
    out.push_back({{"time_s", kill.time_s},
                   {"pid", kill.pid},
                   {"comm", kill.comm},
                   {"role", or_null(kill.role)},
                   {"sysrq", kill.sysrq},
                   {"free_s", or_null(kill.free_s)}});
  }
  return out;
}

ordered_json reports_json(const std::vector<verdict::HangReport>& reports) {
  ordered_json out = ordered_json::array();
  for (const auto& report : reports) {
    out.push_back({{"kind", report.kind},
                   {"title", report.title},
                   {"time_s", report.time_s},
                   {"line", {{"line", report.line.line}, {"text", report.line.text}}}});
  }
  return out;
}

ordered_json disturbances_json(const std::vector<verdict::Disturbance>& disturbances) {
  ordered_json out = ordered_json::array();
  for (const auto& disturbance : disturbances) {
    out.push_back(
        {{"start_s", disturbance.start_s}, {"end_s", disturbance.end_s}, {"what", disturbance.what}});
  }
  return out;
}

ordered_json counters_json(const verdict::Counters& counters) {
  if (counters.witness == verdict::Witness::none) return nullptr;
  return {{"oom_kills", or_null(counters.oom_kills)},
          {"memcg_kills", or_null(counters.memcg_kills)},
          {"oopses", or_null(counters.oopses)},
          {"warnings", or_null(counters.warnings)}};
}

ordered_json pace_json(const std::optional<verdict::Pace>& pace) {
  if (!pace) return nullptr;
  return {{"ran_s", pace->ran_s},
          {"stall_s", or_null(pace->stall_s)},
          {"probe_median_ms", or_null(pace->probe_median_ms)},
          {"probe_p95_ms", or_null(pace->probe_p95_ms)}};
}

// What a reader of the verdict should know about the count of kills and crashes.
ordered_json notes_json(const verdict::Outcome& outcome) {
  ordered_json notes = ordered_json::array();
  for (const auto& note : {no_witness(outcome), kills_differ(outcome), crashes_differ(outcome)}) {
    if (note) notes.push_back(*note);
  }
  if (outcome.host_unknown) notes.push_back("host load unknown");
  return notes;
}

ordered_json timings_json(const std::vector<Timing>& timings) {
  ordered_json list = ordered_json::array();
  for (const Timing& timing : timings) list.push_back({{"step", timing.step}, {"seconds", timing.seconds}});
  return list;
}

ordered_json run_json(const RunReport& run) {
  ordered_json crashes = ordered_json::array();
  for (const auto& crash : run.outcome.crashes) {
    crashes.push_back(
        {{"title", crash.title}, {"type", crash.type}, {"time_s", crash.time_s}, {"panic", crash.panic}});
  }
  ordered_json findings = ordered_json::array();
  for (const auto& finding : run.outcome.findings) {
    findings.push_back({{"id", finding.id},
                        {"text", finding.text},
                        {"certainty", finding.certainty},
                        {"lines", lines_json(finding.lines)}});
  }
  return {{"id", run.id},
          {"verdict", to_text(run.verdict)},
          {"why", why_of(run)},
          {"judged_by", run.judged_by},
          {"verdict_before", or_null(run.verdict_before)},
          {"restored", run.restored},
          {"boot", or_null(run.boot)},
          {"wall_s", run.wall_s},
          {"timings", timings_json(run.timings)},
          {"directory", run.directory.string()},
          {"end", to_string(run.outcome.end)},
          {"progress", or_null(run.outcome.progress)},
          {"tests", tests_json(run.outcome.subtests)},
          {"steps", steps_json(run.outcome.steps)},
          {"hangs", hangs_json(run.outcome.hangs)},
          {"oom_kills", kills_json(run.outcome.oom_kills)},
          {"uncertain_kills", kills_json(run.outcome.uncertain_kills)},
          {"crashes", crashes},
          {"reports", reports_json(run.outcome.reports)},
          {"findings", findings},
          {"disturbances", disturbances_json(run.outcome.disturbances)},
          {"shared", or_null(run.outcome.shared)},
          {"witness", run.outcome.counters.witness},
          {"counters", counters_json(run.outcome.counters)},
          {"pace", pace_json(run.outcome.pace)},
          {"notes", notes_json(run.outcome)},
          {"expectations", judgements_json(run.judgements)}};
}

ordered_json image_json(const CellReport& cell) {
  if (cell.image.empty()) return nullptr;
  return {{"kind", cell.image}, {"digest", or_null(cell.image_digest)}};
}

std::string dump(const ordered_json& json) {
  return json_text(json, 1) + "\n";
}

// The current judgement of a verdict.json; what an older version did not write is null.
ordered_json judgement_in(const ordered_json& file) {
  ordered_json judgement;
  for (const char* key : {"verdict", "judged_at", "by", "expectations"})
    judgement[key] = file.contains(key) ? file[key] : ordered_json();
  return judgement;
}

bool same_judgement(const ordered_json& a, const ordered_json& b) {
  return a["verdict"] == b["verdict"] && a["by"] == b["by"] && a["expectations"] == b["expectations"];
}

}  // namespace

ordered_json judgements_json(const std::vector<verdict::Judgement>& judgements) {
  ordered_json out = ordered_json::array();
  for (const auto& judgement : judgements) {
    out.push_back({{"text", judgement.text},
                   {"verdict", to_text(judgement.verdict)},
                   {"got", judgement.got},
                   {"lines", lines_json(judgement.lines)}});
  }
  return out;
}

ordered_json tests_json(const std::vector<subtest::Subtest>& subtests) {
  if (subtests.empty()) return {};
  const subtest::Counts counts = subtest::counts_of(subtests);
  ordered_json others = ordered_json::array();
  for (const subtest::Subtest& test : subtests) {
    if (test.result == subtest::Result::ok) continue;
    others.push_back({{"name", test.name}, {"result", test.result}, {"reason", or_null(test.reason)}});
  }
  return {{"ok", counts.ok}, {"not_ok", counts.not_ok}, {"skip", counts.skip}, {"not_passed", others}};
}

ordered_json hang_rate_json(const stats::RateEstimate& rate) {
  if (rate.runs == 0) return nullptr;
  return {{"hangs", rate.hits},
          {"runs", rate.runs},
          {"interval", to_string(rate.kind)},
          {"low", rate.interval ? ordered_json(rate.interval->low) : ordered_json(nullptr)},
          {"high", rate.interval ? ordered_json(rate.interval->high) : ordered_json(nullptr)}};
}

std::string to_json(const Report& report) {
  ordered_json cells = ordered_json::array();
  for (const CellReport& cell : report.cells) {
    ordered_json runs = ordered_json::array();
    for (const RunReport& run : cell.runs) runs.push_back(run_json(run));
    cells.push_back(
        {{"kernel", cell.kernel},
         {"scenario", cell.scenario},
         {"machine", cell.machine},
         {"image", image_json(cell)},
         {"judged_as", or_null(cell.judged_as)},
         {"hangs_there", cell.judged_as.empty() ? ordered_json(nullptr) : ordered_json(cell.hangs_there)},
         {"verdict", to_text(cell.verdict)},
         {"why", why_of(cell)},
         {"hang_rate", hang_rate_json(cell.hang_rate)},
         {"boots", or_null(cell.boots)},
         {"expectations", judgements_json(cell.judgements)},
         {"runs", runs}});
  }
  return dump({{"schema", "hangar.run/1"},
               {"experiment", report.experiment},
               {"seed", report.seed},
               {"verdict", to_text(report.verdict)},
               {"timings", timings_json(report.timings)},
               {"cells", cells}});
}

std::string verdict_json(const RunReport& run, const std::string& previous, const std::string& judged_at) {
  ordered_json judgement = {{"verdict", to_text(run.verdict)},
                            {"judged_at", judged_at},
                            {"by", or_null(run.judged_by)},
                            {"expectations", judgements_json(run.judgements)}};
  // As a stored one: without bytes that are not UTF-8.
  if (auto stored = parse_ordered_json(dump(judgement))) judgement = std::move(*stored);
  const auto parsed = parse_ordered_json(previous);
  const ordered_json before = parsed ? *parsed : ordered_json();
  ordered_json history = ordered_json::array();
  if (before.is_object() && before.contains("verdict")) {
    const ordered_json last = judgement_in(before);
    if (same_judgement(last, judgement)) return previous;
    if (before.contains("history") && before["history"].is_array()) history = before["history"];
    history.push_back(last);
  }
  ordered_json out = {{"schema", "hangar.verdict/1"}};
  out.update(judgement);
  out["history"] = history;
  return dump(out);
}

}  // namespace hangar::run
