// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/outcome.h"

#include <utility>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::verdict {
namespace {

using nlohmann::json;

}  // namespace
}  // namespace hangar::verdict

namespace hangar::subtest {
HANGAR_JSON_FIELDS(Subtest, name, result, reason)
}  // namespace hangar::subtest

namespace hangar::verdict {

// An end that another version knows: the default one.
static bool from_word(const std::string& word, End& end) {
  end = hangar::from_word<End>(word).value_or(end);
  return true;
}

HANGAR_JSON_FIELDS(CitedLine, line, text)
HANGAR_JSON_FIELDS(HangStep, number, of, name)
HANGAR_JSON_FIELDS(StepRun, name, argv, started_s, ended_s, exit, signal)
HANGAR_JSON_FIELDS_IF(Hang, kind, cause, start_s, end_s, duration_s, censored, ended_by, censored_by, over_s,
                      evidence, where, step, idle_f_s, suspect, lines)
HANGAR_JSON_FIELDS(Disturbance, start_s, end_s, what)
HANGAR_JSON_FIELDS_IF(OomKill, time_s, pid, comm, role, line, sysrq, free_s)
HANGAR_JSON_FIELDS_IF(Crash, title, type, time_s, line, panic)
HANGAR_JSON_FIELDS(HangReport, kind, title, time_s, line)
HANGAR_JSON_FIELDS(Finding, id, text, certainty, lines)
HANGAR_JSON_FIELDS(Exit, code, signal)
HANGAR_JSON_FIELDS_IF(Counters, witness, note, read_s, oom_kills, memcg_kills, oopses, warnings)
HANGAR_JSON_FIELDS_IF(Pace, ran_s, stall_s, probe_median_ms, probe_p95_ms)
HANGAR_JSON_FIELDS_IF(Outcome, hello, hello_s, started_s, watched_s, end, end_detail, exit, steps, progress,
                      subtests, last_words, hangs, oom_kills, uncertain_kills, crashes, reports, findings,
                      tail, disturbances, shared, host_unknown, counters, pace, left_out)

bool is_excluded(std::string_view verdict, std::string_view end) {
  return verdict == to_text(Verdict::infra_error) || end == to_string(End::host_trouble) ||
         end == to_string(End::interrupted);
}

bool could_not_run(std::string_view verdict, std::optional<int> exit_code) {
  return verdict == to_text(Verdict::inconclusive) && exit_code == exit_cannot_run;
}

bool is_excluded(Verdict verdict, End end) {
  return is_excluded(to_text(verdict), to_string(end));
}

std::string to_json(const Outcome& outcome) {
  return json_text(json(outcome), 1);
}

Result<Outcome> outcome_from_json(const std::string& text) {
  TRY_ASSIGN(const json all, parse_json(text));
  // Facts that later versions added may be absent; without these it is some other file.
  JsonReader needed(all);
  for (const char* key : {"hello", "end", "hangs"}) {
    if (!needed.has(key)) needed.refuse({key, "is missing"});
  }
  TRY(needed.done("an outcome"));
  return decode_as<Outcome>(all, "an outcome");
}

bool cut_short(const Outcome& outcome) {
  return outcome.end == End::interrupted || outcome.end == End::host_trouble;
}

std::string intervention_text(const std::string& censored_by) {
  constexpr std::string_view key = "sysrq-";
  return censored_by.starts_with(key) ? "our SysRq " + censored_by.substr(key.size()) : "our " + censored_by;
}

std::string duration_text(const Hang& hang) {
  std::string seconds = fmt::format("{}{:.1f} s", hang.censored ? "at least " : "", hang.duration_s);
  if (!hang.censored_by) return seconds;
  const std::string ours = intervention_text(*hang.censored_by);
  if (to_string(hang.ended_by) == *hang.censored_by) return fmt::format("{} (ended by {})", seconds, ours);
  if (!hang.over_s) return fmt::format("{} (until {}, which did not end it)", seconds, ours);
  return fmt::format("{} (until {}; over {:.1f} s later)", seconds, ours,
                     *hang.over_s - hang.start_s - hang.duration_s);
}

std::string idle_f_text(const std::vector<double>& times_s) {
  if (times_s.empty()) return "";
  std::vector<std::string> texts;
  for (const double time_s : times_s) texts.push_back(fmt::format("{:.1f} s", time_s));
  return fmt::format("SysRq f was sent at {}; no kill followed", join(texts, ", "));
}

std::string idle_f_text(const Outcome& outcome) {
  std::vector<double> all;
  for (const Hang& hang : outcome.hangs) all.insert(all.end(), hang.idle_f_s.begin(), hang.idle_f_s.end());
  return idle_f_text(all);
}

std::string name_of(const OomKill& kill) {
  return kill.role.value_or(kill.comm);
}

const Hang* longest_hang(const Outcome& outcome) {
  const Hang* longest = nullptr;
  for (const Hang& hang : outcome.hangs) {
    if (longest == nullptr || hang.duration_s > longest->duration_s) longest = &hang;
  }
  return longest;
}

}  // namespace hangar::verdict
