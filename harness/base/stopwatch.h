// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hangar {

class JsonReader;

/// How long a step took.
struct Timing {
  std::string step;
  double seconds = 0;
};

void to_json(nlohmann::json& out, const Timing& timing);
void read_fields(JsonReader& in, Timing& timing);

/// A list of {"step", "seconds"} on one line.
[[nodiscard]] std::string to_json(const std::vector<Timing>& timings);
/// Empty for a text that is not such a list.
[[nodiscard]] std::vector<Timing> timings_from_json(const std::string& text);

/// Measures steps that follow each other: each lasts from the end of the one before it.
class Stopwatch {
 public:
  void end(std::string step);
  [[nodiscard]] const std::vector<Timing>& timings() const { return timings_; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::vector<Timing> timings_;
};

/// "prepare 0.05 s, worker 1.60 s"
[[nodiscard]] std::string in_words(const std::vector<Timing>& timings);

}  // namespace hangar
