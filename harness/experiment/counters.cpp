// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/counters.h"

#include <algorithm>

#include "harness/base/json.h"

namespace hangar::experiment {
namespace {

using Count = std::optional<std::int64_t>;

// A counter that went back was wrong at one of the two times.
Count since(const Count& end, const Count& start) {
  if (!end || !start || *end < *start) return std::nullopt;
  return *end - *start;
}

const CounterReading* first(const std::vector<CounterReading>& readings, bool at_end) {
  const auto found = std::find_if(readings.begin(), readings.end(), [at_end](const CounterReading& reading) {
    return reading.at_end == at_end;
  });
  return found == readings.end() ? nullptr : &*found;
}

verdict::Counters from_agent(const CounterReading& end, const CounterReading& start) {
  verdict::Counters counters;
  counters.witness = "agent";
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

// The last of an event's details.
std::optional<std::string> last_detail(const std::vector<store::Event>& events, const std::string& name) {
  const auto found = std::find_if(events.rbegin(), events.rend(),
                                  [&name](const store::Event& event) { return event.name == name; });
  return found == events.rend() ? std::nullopt : std::optional(found->detail);
}

}  // namespace

std::string kills_detail(std::int64_t oom_kills, int cpus) {
  return json_text(nlohmann::ordered_json{{"oom_kill", oom_kills}, {"cpus", cpus}});
}

std::optional<std::int64_t> kills_of_detail(const std::string& detail) {
  const auto kills = field<std::int64_t>(parse_object(detail), "oom_kill");
  return kills && *kills >= 0 ? kills : std::nullopt;
}

verdict::Counters counters_of(const std::vector<CounterReading>& readings,
                              const std::vector<store::Event>& events, bool restored) {
  const CounterReading zero{false, 0, 0, 0, 0};
  const CounterReading* start = restored ? first(readings, false) : &zero;
  const CounterReading* end = first(readings, true);
  const auto detail = last_detail(events, counters_event);
  if (start == nullptr && (end != nullptr || detail))
    return none("the counters at the start of this restored guest were not read");
  if (end != nullptr) return from_agent(*end, *start);
  if (!detail) return none(last_detail(events, "counters-failed").value_or("the run did not end normally"));
  verdict::Counters counters;
  counters.witness = "memory";
  counters.oom_kills = since(kills_of_detail(*detail), start->oom_kills);
  return counters.oom_kills ? counters : none("the counters in the guest's memory make no sense: " + *detail);
}

}  // namespace hangar::experiment
