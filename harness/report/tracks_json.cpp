// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/tracks_json.h"

#include "harness/base/json.h"
#include "harness/run/report.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;

ordered_json spans_json(const std::vector<Span>& spans) {
  ordered_json out = ordered_json::array();
  for (const Span& span : spans)
    out.push_back({{"from_s", span.from_s}, {"to_s", span.to_s}, {"text", span.text}});
  return out;
}

ordered_json marks_json(const std::vector<Mark>& marks) {
  ordered_json out = ordered_json::array();
  for (const Mark& mark : marks) {
    out.push_back({{"time_s", mark.time_s},
                   {"text", mark.text},
                   {"line", mark.line > 0 ? ordered_json(mark.line) : ordered_json(nullptr)}});
  }
  return out;
}

ordered_json load_json(const Tracks& tracks) {
  ordered_json out = ordered_json::array();
  for (const auto& [time_s, share] : tracks.load) out.push_back({{"time_s", time_s}, {"wait", share}});
  return out;
}

}  // namespace

std::string to_json(const Run& run, const Tracks& tracks) {
  return json_text(ordered_json{{"schema", "hangar.show/1"},
                                {"id", run.row.id},
                                {"directory", run.record->directory.string()},
                                {"scenario", run.row.scenario},
                                {"kernel", run.row.kernel},
                                {"kernel_release", or_null(run.row.kernel_release)},
                                {"machine", run.row.machine},
                                {"started_at", or_null(started_at(run))},
                                {"verdict", to_text(run.verdict)},
                                {"why", run.why},
                                {"expectations", run::judgements_json(run.record->judgements)},
                                {"end_s", tracks.end_s},
                                {"steps", marks_json(tracks.steps)},
                                {"hangs", spans_json(tracks.hangs)},
                                {"pulse_gaps", spans_json(tracks.pulse_gaps)},
                                {"probe_gaps", spans_json(tracks.probe_gaps)},
                                {"progress_gaps", spans_json(tracks.progress_gaps)},
                                {"oom_kills", marks_json(tracks.kills)},
                                {"keys", marks_json(tracks.keys)},
                                {"crashes", marks_json(tracks.crashes)},
                                {"reports", marks_json(tracks.reports)},
                                {"host", spans_json(tracks.host)},
                                {"load", load_json(tracks)}},
                   1);
}

}  // namespace hangar::report
