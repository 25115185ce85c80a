// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/event.h"

#include <cstdio>

#include <fmt/format.h>

#include "harness/base/json.h"

namespace hangar::outcome {
namespace {

constexpr const char* not_looked_event = "not-looked";
constexpr const char* end_event = "end";

verdict::End end_of(const std::string& word) {
  return from_word<verdict::End>(word).value_or(verdict::End::interrupted);
}

}  // namespace

store::Event event_of(double host_s, const NotLooked& fields) {
  return {host_s, not_looked_event, fmt::format("since {:.3f} s", fields.since_s),
          json_text(nlohmann::json{{"since_s", fields.since_s}})};
}

store::Event event_of(double host_s, const Ended& fields) {
  return {host_s, end_event, fmt::format("{}: {}", to_string(fields.end), fields.why),
          json_text(nlohmann::json{{"end", fields.end}, {"why", fields.why}})};
}

std::optional<NotLooked> read_not_looked(const store::Event& event) {
  if (event.name != not_looked_event) return std::nullopt;
  if (const auto since_s = field<double>(parse_object(event.data), "since_s")) return NotLooked{*since_s};
  NotLooked old;
  if (std::sscanf(event.detail.c_str(), "since %lf s", &old.since_s) != 1) return std::nullopt;
  return old;
}

std::optional<Ended> read_ended(const store::Event& event) {
  if (event.name != end_event) return std::nullopt;
  const auto data = parse_object(event.data);
  if (const auto end = field<std::string>(data, "end"))
    return Ended{end_of(*end), field<std::string>(data, "why").value_or("")};
  const size_t colon = event.detail.find(": ");
  return Ended{end_of(event.detail.substr(0, colon)),
               colon == std::string::npos ? "" : event.detail.substr(colon + 2)};
}

}  // namespace hangar::outcome
