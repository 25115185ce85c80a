// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/question.h"

#include <utility>

#include "harness/stats/adjust.h"

namespace hangar::compare {

Question question_about(What what, Family family, const std::string& scenario,
                        std::vector<std::string> arms) {
  Question question;
  question.scenario = scenario;
  question.family = family;
  question.what = what;
  question.arms = std::move(arms);
  return question;
}

void adjust(std::vector<Question>& questions) {
  for (const Family family : {Family::primary, Family::exploratory}) {
    std::vector<Question*> asked;
    std::vector<double> p;
    for (Question& question : questions) {
      if (question.family != family || !question.p || question.margin) continue;
      asked.push_back(&question);
      p.push_back(*question.p);
    }
    const std::vector<double> adjusted = stats::holm(p);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      asked[i]->p_adjusted = adjusted[i];
      if (adjusted[i] <= answered_p) asked[i]->says = asked[i]->leaning;
    }
  }
}

}  // namespace hangar::compare
