// SPDX-License-Identifier: GPL-2.0-only
#include <nlohmann/json.hpp>

#include "harness/experiment/live_run.h"

namespace hangar::experiment {

std::string to_json(const Status& status) {
  nlohmann::json out = {{"t", status.time_s},     {"phase", status.phase},  {"guest_s", status.guest_s},
                        {"pulse_age_s", nullptr}, {"probe_age_s", nullptr}, {"oom_kills", status.oom_kills},
                        {"note", status.note}};
  if (status.pulse_age_s) out["pulse_age_s"] = *status.pulse_age_s;
  if (status.probe_age_s) out["probe_age_s"] = *status.probe_age_s;
  return out.dump();
}

std::optional<Status> status_from_json(const std::string& line) {
  const auto in = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!in.is_object() || !in.contains("phase")) return std::nullopt;
  Status status;
  status.time_s = in.value("t", 0.0);
  status.phase = in.value("phase", "");
  status.guest_s = in.value("guest_s", 0.0);
  if (in.contains("pulse_age_s") && in["pulse_age_s"].is_number())
    status.pulse_age_s = in["pulse_age_s"].get<double>();
  if (in.contains("probe_age_s") && in["probe_age_s"].is_number())
    status.probe_age_s = in["probe_age_s"].get<double>();
  status.oom_kills = in.value("oom_kills", 0);
  status.note = in.value("note", "");
  return status;
}

}  // namespace hangar::experiment
