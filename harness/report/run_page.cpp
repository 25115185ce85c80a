// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/run_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/report/log_text.h"
#include "harness/subtest/subtests.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;

// Times are exact to some milliseconds; further digits would only make the page larger.
double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

void add_marks(const std::vector<Mark>& marks, const char* kind, const outcome::Timeline& timeline,
               std::vector<PageEvent>& events) {
  for (const Mark& mark : marks) {
    const std::int64_t line = mark.line > 0 ? mark.line : line_at(timeline, mark.time_s);
    events.push_back({kind, mark.time_s, mark.text, line});
  }
}

void add_spans(const std::vector<Span>& spans, const char* kind, ordered_json& out) {
  for (const Span& span : spans) out.push_back({kind, rounded(span.from_s), rounded(span.to_s), span.text});
}

ordered_json tracks_json(const Tracks& tracks) {
  ordered_json steps = ordered_json::array();
  for (const Mark& step : tracks.steps) steps.push_back({rounded(step.time_s), step.text});
  ordered_json spans = ordered_json::array();
  add_spans(tracks.hangs, "hang", spans);
  add_spans(tracks.pulse_gaps, "pulse", spans);
  add_spans(tracks.probe_gaps, "probe", spans);
  add_spans(tracks.progress_gaps, "progress", spans);
  add_spans(tracks.host, "host", spans);
  ordered_json load = ordered_json::array();
  for (const auto& [time_s, share] : tracks.load) load.push_back({rounded(time_s), rounded(share)});
  return {{"end_s", rounded(tracks.end_s)}, {"steps", steps}, {"spans", spans}, {"load", load}};
}

ordered_json judgements_json(const std::vector<verdict::Judgement>& judgements) {
  ordered_json out = ordered_json::array();
  for (const verdict::Judgement& judgement : judgements) {
    ordered_json lines = ordered_json::array();
    for (const verdict::CitedLine& cited : judgement.lines) lines.push_back(cited.line);
    out.push_back({to_text(judgement.verdict), judgement.text, judgement.got, lines});
  }
  return out;
}

std::string end_text(const verdict::Outcome& outcome) {
  std::string text(to_string(outcome.end));
  if (!outcome.end_detail.empty()) text += ": " + outcome.end_detail;
  if (!outcome.exit) return text;
  if (outcome.exit->signal != 0)
    return text + fmt::format("; the program was ended by signal {}", outcome.exit->signal);
  return text + fmt::format("; exit status of the program: {}", outcome.exit->code);
}

ordered_json facts_json(const Run& run) {
  const Record& record = *run.record;
  const run::RunSpec& spec = record.spec;
  ordered_json facts = ordered_json::array();
  const auto add = [&facts](const char* name, const std::string& value) {
    if (!value.empty()) facts.push_back({name, value});
  };
  add("Started", started_at(run));
  add("Kernel", fmt::format("{}, release {}", spec.kernel, spec.kernel_release));
  add("Kernel command line", spec.cmdline);
  add("Machine", record.info.machine);
  add("Program", join(run::program_words(spec), " "));
  add("Watched", fmt::format("{:.1f} s", record.outcome.watched_s));
  add("End", end_text(record.outcome));
  if (!record.outcome.subtests.empty()) add("Tests", subtest::subtests_text(record.outcome.subtests));
  add("Guest", spec.restored ? "restored from a saved guest" : "booted for this run");
  add("Seed", fmt::format("{}", spec.seed));
  add("QEMU", record.info.qemu);
  add("Judged by", record.judged_by);
  return facts;
}

}  // namespace

std::vector<PageEvent> events_of(const Record& record, const Tracks& tracks,
                                 const outcome::Timeline& timeline) {
  std::vector<PageEvent> events;
  for (const verdict::Hang& hang : record.outcome.hangs) {
    const std::int64_t line = hang.lines.empty() ? line_at(timeline, hang.start_s) : hang.lines.front().line;
    events.push_back({"hang", hang.start_s, to_text(hang), line});
  }
  add_marks(tracks.kills, "kill", timeline, events);
  add_marks(tracks.crashes, "crash", timeline, events);
  add_marks(tracks.reports, "report", timeline, events);
  add_marks(tracks.keys, "key", timeline, events);
  for (const verdict::Finding& finding : record.outcome.findings) {
    if (finding.lines.empty()) continue;
    const std::int64_t line = finding.lines.front().line;
    events.push_back({"finding", timeline.host_s(static_cast<std::uint64_t>(line)), finding.text, line});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const PageEvent& a, const PageEvent& b) { return a.time_s < b.time_s; });
  return events;
}

std::vector<std::int64_t> cited_lines(const Record& record, const std::vector<PageEvent>& events) {
  std::vector<std::int64_t> lines;
  const auto add = [&lines](const std::vector<verdict::CitedLine>& cited) {
    for (const verdict::CitedLine& line : cited) lines.push_back(line.line);
  };
  for (const verdict::Judgement& judgement : record.judgements) add(judgement.lines);
  for (const verdict::Hang& hang : record.outcome.hangs) add(hang.lines);
  for (const verdict::Finding& finding : record.outcome.findings) add(finding.lines);
  for (const PageEvent& event : events) lines.push_back(event.line);
  return lines;
}

std::string run_json(const Run& run, const Tracks& tracks, const std::vector<PageEvent>& events) {
  ordered_json list = ordered_json::array();
  for (const PageEvent& event : events)
    list.push_back({event.kind, rounded(event.time_s), event.text, event.line});
  return json_text(ordered_json{{"facts", facts_json(run)},
                                {"tracks", tracks_json(tracks)},
                                {"events", list},
                                {"judgements", judgements_json(run.record->judgements)}});
}

}  // namespace hangar::report
