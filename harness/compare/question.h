// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/word.h"

// One question about two arms and its answer. The second arm's kernel is what is asked about.
namespace hangar::compare {

enum class What : std::uint8_t {
  hang_rate,
  hang_duration,
  time_to_stall,
  time_to_first_kill,
  time_to_free,
  oom_kills,
  probe_latency,
  victims,
  crashes,
  findings,
  program_result
};
enum class TestKind : std::uint8_t {
  fisher,
  score,
  log_rank,
  mann_whitney,
  mantel_haenszel,
  stratified_log_rank,
  sequential
};
enum class Says : std::uint8_t { better, worse, no_worse, differs, cannot_tell };

// The primary family answers whether the kernel is better; the exploratory one shows where to look. Each is
// adjusted separately.
enum class Family : std::uint8_t { primary, exploratory };

struct Effect {
  std::string kind;  // "difference" (second minus first), "hazard-ratio", "second-is-less"
  double value = 0;
  std::optional<double> low;  // of the 95% interval, which is not adjusted
  std::optional<double> high;
};

struct Question {
  std::string scenario;  // "" : all of them together
  Family family = Family::primary;
  What what = What::hang_rate;
  std::optional<TestKind> test;
  std::optional<double> statistic;
  std::optional<double> p;
  std::optional<double> p_adjusted;
  std::optional<double> margin;
  std::optional<Effect> effect;
  std::vector<std::string> arms;     // the first arm and the one that is asked about
  std::string title;                 // of a crash, or the id of a finding
  std::string role;                  // of a victim
  int strata = 0;                    // 0: not stratified
  Says leaning = Says::cannot_tell;  // the answer, once p is small enough
  Says says = Says::cannot_tell;
  std::string text;  // the counts, in words
};

// With nothing but what it is about. `arms`: the names of the first arm and of the one that is asked about.
[[nodiscard]] Question question_about(What what, Family family, const std::string& scenario,
                                      std::vector<std::string> arms);

// At or below this adjusted p a question is answered.
inline constexpr double answered_p = 0.05;

// Adjusts the p of each family by Holm's method, but for questions with a margin, which their interval
// answers. At or below answered_p, the answer is what the question leans to.
void adjust(std::vector<Question>& questions);

}  // namespace hangar::compare

template <>
inline constexpr auto hangar::words_of<hangar::compare::What> = std::to_array<std::string_view>(
    {"hang-rate", "hang-duration", "time-to-stall", "time-to-first-kill", "time-to-free", "oom-kills",
     "probe-latency", "victims", "crashes", "findings", "program-result"});
template <>
inline constexpr auto hangar::words_of<hangar::compare::TestKind> = std::to_array<std::string_view>(
    {"fisher", "score", "log-rank", "mann-whitney", "mantel-haenszel", "stratified-log-rank", "sequential"});
template <>
inline constexpr auto hangar::words_of<hangar::compare::Says> =
    std::to_array<std::string_view>({"better", "worse", "no-worse", "differs", "cannot-tell"});
template <>
inline constexpr auto hangar::words_of<hangar::compare::Family> =
    std::to_array<std::string_view>({"primary", "exploratory"});
