// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/stopwatch.h"

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar {

void to_json(nlohmann::json& out, const Timing& timing) {
  out = {{"step", timing.step}, {"seconds", timing.seconds}};
}

void read_fields(JsonReader& in, Timing& timing) {
  in.take("step", timing.step).take("seconds", timing.seconds);
}

std::string to_json(const std::vector<Timing>& timings) {
  return json_text(nlohmann::json(timings));
}

std::vector<Timing> timings_from_json(const std::string& text) {
  const auto list = parse_json(text);
  std::vector<Timing> timings;
  if (!list || decode(*list, timings)) timings.clear();
  return timings;
}

void Stopwatch::end(std::string step) {
  const auto now = std::chrono::steady_clock::now();
  timings_.push_back({std::move(step), std::chrono::duration<double>(now - began_).count()});
  began_ = now;
}

std::string in_words(const std::vector<Timing>& timings) {
  std::vector<std::string> words;
  for (const Timing& timing : timings)
    words.push_back(fmt::format("{} {:.2f} s", timing.step, timing.seconds));
  return join(words, ", ");
}

}  // namespace hangar
