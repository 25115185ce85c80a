// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/arm.h"
#include "harness/compare/question.h"
#include "harness/compare/steady.h"

// Several arms against the first one: what `hangar compare` prints. Pure: from rows alone.
namespace hangar::compare {

struct Comparison {
  std::vector<Arm> arms;
  std::vector<Question> questions;  // the primary ones first
  std::vector<Steadiness> steadiness;
  std::string sentence;  // the answer to the primary question, one for each later arm
};

struct Choice {
  std::optional<double> margin;  // ask too whether the rate of each later arm is higher by less than this
  bool sequential = false;       // the runs may be compared after every pair
  bool margin_alone = false;     // the margin is the only primary question
};

// `arms` passed check_arms().
[[nodiscard]] Comparison compare_arms(std::vector<Arm> arms, const Choice& choice = {});

// hangar.compare/1, without a newline at the end.
[[nodiscard]] std::string to_json(const Comparison& comparison);

// Whether further runs are not needed: each primary question is answered, or each that has a margin if there
// is one.
[[nodiscard]] bool all_answered(const Comparison& comparison);

// Whether all that was asked of a margin is shown; true without a margin.
[[nodiscard]] bool all_shown(const Comparison& comparison);

}  // namespace hangar::compare
