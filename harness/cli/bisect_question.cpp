// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/bisect_question.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::cli {
namespace {

using What = BisectQuestion::What;
using bisect::Seen;

Seen of_hang(const verdict::Outcome& outcome, double longer_than_s) {
  for (const verdict::Hang& hang : outcome.hangs) {
    if (hang.duration_s < longer_than_s) continue;
    return hang.suspect ? Seen::infra : Seen::hit;
  }
  return outcome.crashes.empty() ? Seen::miss : Seen::other;
}

Seen of_crash(const verdict::Outcome& outcome, const std::string& part) {
  const bool any = std::any_of(outcome.crashes.begin(), outcome.crashes.end(), [&](const auto& crash) {
    return crash.title.find(part) != std::string::npos;
  });
  if (any) return Seen::hit;
  return outcome.crashes.empty() && outcome.hangs.empty() ? Seen::miss : Seen::other;
}

// Of the kernel's own kills. Without any, the question is not answered.
Seen of_victims(const verdict::Outcome& outcome, const std::string& name, bool other) {
  bool any = false;
  for (const verdict::OomKill& kill : outcome.oom_kills) {
    if (kill.sysrq) continue;
    any = true;
    if ((verdict::name_of(kill) == name) != other) return Seen::hit;
  }
  return any ? Seen::miss : Seen::other;
}

Seen of_verdict(verdict::Verdict verdict) {
  if (verdict == verdict::Verdict::fail) return Seen::hit;
  return verdict == verdict::Verdict::pass ? Seen::miss : Seen::other;
}

}  // namespace

Result<BisectQuestion> parse_question(const std::string& text) {
  BisectQuestion question;
  const std::size_t colon = text.find(':');
  const std::string word = text.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (text == "hang") return question;
  if (text.starts_with("hang>")) {
    auto least = parse_duration(text.substr(5));
    if (!least) return std::move(least).error().within("--hit " + text);
    question.longer_than_s = std::chrono::duration<double>(*least).count();
    return question;
  }
  const bool named = !name.empty();
  const std::array<std::tuple<bool, What>, 4> forms = {{{text == "fail", What::fail},
                                                        {word == "crash", What::crash},
                                                        {word == "victim" && named, What::victim},
                                                        {word == "not-victim" && named, What::other_victim}}};
  for (const auto& [fits, what] : forms) {
    if (fits) return BisectQuestion{what, 0, name};
  }
  return user_error(
      fmt::format("--hit {}: expected hang, hang>30s, crash, crash:TITLE, victim:NAME, "
                  "not-victim:NAME or fail",
                  sanitize_for_terminal(text)));
}

Seen seen_in(const run::RunReport& run, const BisectQuestion& question) {
  if (verdict::is_excluded(run.verdict, run.outcome.end)) return Seen::infra;
  if (!run.outcome.hello || run::could_not_run(run)) return Seen::skip;
  switch (question.what) {
    case What::hang:
      return of_hang(run.outcome, question.longer_than_s);
    case What::crash:
      return of_crash(run.outcome, question.name);
    case What::victim:
      return of_victims(run.outcome, question.name, false);
    case What::other_victim:
      return of_victims(run.outcome, question.name, true);
    case What::fail:
      return of_verdict(run.verdict);
  }
  return Seen::other;
}

}  // namespace hangar::cli
