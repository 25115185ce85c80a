// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/censor.h"

#include <algorithm>
#include <string_view>

namespace hangar::outcome {

bool changes_guest(char key) {
  constexpr std::string_view observing = "mwtlpdqvzh0123456789";
  return observing.find(key) == std::string_view::npos;
}

std::vector<Intervention> interventions_in(const std::vector<store::Event>& events) {
  std::vector<Intervention> found;
  for (const store::Event& event : events) {
    const bool key = event.name == key_begins || event.name == "sysrq";
    if (key && event.detail.size() == 1 && changes_guest(event.detail[0]))
      found.push_back({"sysrq-" + event.detail, event.host_s});
    if (event.name == "resume" || event.name == "reset") found.push_back({event.name, event.host_s});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Intervention& a, const Intervention& b) { return a.sent_s < b.sent_s; });
  return found;
}

void censor(verdict::Hang& hang, const std::vector<Intervention>& interventions) {
  hang.over_s = hang.end_s;
  const double until_s = hang.start_s + hang.duration_s;
  for (const Intervention& step : interventions) {
    if (step.sent_s <= hang.start_s || step.sent_s >= until_s) continue;
    hang.censored = true;
    hang.censored_by = step.what;
    hang.end_s.reset();
    hang.duration_s = step.sent_s - hang.start_s;
    return;
  }
}

}  // namespace hangar::outcome
