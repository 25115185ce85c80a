// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/counters.h"

#include <algorithm>

#include "harness/base/json.h"

namespace hangar::outcome {
namespace {

using Count = std::optional<std::int64_t>;

// A counter that went back was wrong at one of the two times.
Count since(const Count& end, const Count& start) {
  if (!end || !start || *end < *start) return std::nullopt;
  return *end - *start;
}

const TimedReading* first(const std::vector<TimedReading>& readings, bool at_end) {
  const auto found = std::find_if(readings.begin(), readings.end(), [at_end](const TimedReading& reading) {
    return reading.counts.at_end == at_end;
  });
  return found == readings.end() ? nullptr : &*found;
}

verdict::Counters from_agent(const TimedReading& at_end, const guest::CounterReading& start) {
  const guest::CounterReading& end = at_end.counts;
  verdict::Counters counters;
  counters.witness = verdict::Witness::agent;
  counters.read_s = at_end.host_s;
  counters.oom_kills = since(end.oom_kills, start.oom_kills);
  counters.memcg_kills = end.memcg_kills;  // the memcg is the reproducer's own
  counters.oopses = since(end.oopses, start.oopses);
  counters.warnings = since(end.warnings, start.warnings);
  return counters;
}

verdict::Counters none(const std::string& why) {
  verdict::Counters counters;
  counters.note = why;
  return counters;
}

const store::Event* last(const std::vector<store::Event>& events, const std::string& name) {
  const auto found = std::find_if(events.rbegin(), events.rend(),
                                  [&name](const store::Event& event) { return event.name == name; });
  return found == events.rend() ? nullptr : &*found;
}

verdict::Counters from_memory(const store::Event& event, const guest::CounterReading& start) {
  verdict::Counters counters;
  counters.witness = verdict::Witness::memory;
  counters.read_s = event.host_s;
  counters.oom_kills = since(kills_of_detail(event.detail), start.oom_kills);
  return counters.oom_kills ? counters
                            : none("the counters in the guest's memory are invalid: " + event.detail);
}

}  // namespace

std::string kills_detail(std::int64_t oom_kills, int cpus) {
  return json_text(nlohmann::ordered_json{{"oom_kill", oom_kills}, {"cpus", cpus}});
}

std::optional<std::int64_t> kills_of_detail(const std::string& detail) {
  const auto kills = field<std::int64_t>(parse_object(detail), "oom_kill");
  return kills && *kills >= 0 ? kills : std::nullopt;
}

verdict::Counters counters_of(const std::vector<TimedReading>& readings,
                              const std::vector<store::Event>& events, bool restored) {
  const TimedReading zero{0, {false, 0, 0, 0, 0}};
  const TimedReading* start = restored ? first(readings, false) : &zero;
  const TimedReading* end = first(readings, true);
  const store::Event* from_outside = last(events, counters_event);
  if (start == nullptr && (end != nullptr || from_outside != nullptr))
    return none("the counters at the start of this restored guest were not read");
  if (end != nullptr) return from_agent(*end, start->counts);
  if (from_outside != nullptr) return from_memory(*from_outside, start->counts);
  const store::Event* failed = last(events, "counters-failed");
  return none(failed != nullptr ? failed->detail : "the run did not end normally");
}

}  // namespace hangar::outcome
