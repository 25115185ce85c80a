// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/status.h"

#include "harness/base/json.h"

namespace hangar::run {

std::string to_json(const Status& status) {
  const nlohmann::ordered_json out = {{"t", status.time_s},
                                      {"phase", status.phase},
                                      {"guest_s", status.guest_s},
                                      {"pulse_age_s", or_null(status.pulse_age_s)},
                                      {"probe_age_s", or_null(status.probe_age_s)},
                                      {"oom_kills", status.oom_kills},
                                      {"note", status.note}};
  return json_text(out);
}

std::optional<Status> status_from_json(const std::string& line) {
  const auto in = parse_object(line);
  const auto phase = field<std::string>(in, "phase");
  if (!phase) return std::nullopt;
  Status status;
  status.time_s = field<double>(in, "t").value_or(0);
  status.phase = *phase;
  status.guest_s = field<double>(in, "guest_s").value_or(0);
  status.pulse_age_s = field<double>(in, "pulse_age_s");
  status.probe_age_s = field<double>(in, "probe_age_s");
  status.oom_kills = field<int>(in, "oom_kills").value_or(0);
  status.note = field<std::string>(in, "note").value_or("");
  return status;
}

}  // namespace hangar::run
