// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/censoring.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/stats/interval.h"
#include "harness/verdict/outcome.h"

namespace hangar::compare {
namespace {

int censored_by_us(const Censoring& censoring) {
  int count = 0;
  for (const auto& [what, hangs] : censoring.by_us) count += hangs;
  return count;
}

// "our SysRq f", "our SysRq f or our reset".
std::string steps_text(const Censoring& censoring) {
  std::vector<std::string> steps;
  for (const auto& [what, hangs] : censoring.by_us) steps.push_back(verdict::intervention_text(what));
  return join(steps, " or ");
}

std::string how_many(int count, int hangs) {
  if (hangs == 1) return "the only hang was";
  if (count < hangs) return fmt::format("{} of {} hangs {}", count, hangs, count == 1 ? "was" : "were");
  return hangs == 2 ? "both hangs were" : fmt::format("all {} hangs were", hangs);
}

}  // namespace

Censoring censoring_of(const std::vector<const HangRow*>& hangs) {
  Censoring censoring;
  for (const HangRow* hang : hangs) {
    ++censoring.hangs;
    if (!hang->censored) continue;
    censoring.least_s = std::min(censoring.least_s.value_or(hang->duration_s), hang->duration_s);
    if (!hang->censored_by) {
      ++censoring.outlasted;
      continue;
    }
    ++censoring.by_us[*hang->censored_by];
    if (to_string(hang->ended_by) == hang->censored_by) ++censoring.ended_by_us;
  }
  return censoring;
}

std::string no_median_text(const Censoring& censoring) {
  const int hangs = censoring.hangs;
  const double least_s = censoring.least_s.value_or(0);
  if (censoring.outlasted == hangs) {
    return fmt::format("{} of {} still hung after {:.0f} s; at most {:.0f}% end earlier (95%)", hangs, hangs,
                       std::floor(least_s), 100 * stats::exact_interval(0, hangs).high);
  }
  std::vector<std::string> why;
  if (const int ours = censored_by_us(censoring); ours > 0) {
    const char* what = censoring.ended_by_us == ours ? "ended" : "disturbed";
    why.push_back(fmt::format("{} {} by {}", how_many(ours, hangs), what, steps_text(censoring)));
  }
  if (censoring.outlasted > 0)
    why.push_back(fmt::format("{} of {} outlasted watching", censoring.outlasted, hangs));
  return fmt::format("no median: {}, after at least {:.1f} s", join(why, " and "), least_s);
}

std::string censored_text(const Censoring& censoring) {
  std::vector<std::string> why;
  if (const int ours = censored_by_us(censoring); ours > 0)
    why.push_back(fmt::format("{} of {} censored by {}", ours, censoring.hangs, steps_text(censoring)));
  if (censoring.outlasted > 0)
    why.push_back(fmt::format("{} of {} outlasted watching", censoring.outlasted, censoring.hangs));
  return join(why, ", ");
}

}  // namespace hangar::compare
