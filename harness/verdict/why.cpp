// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/why.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::verdict {
namespace {

// What a judgement is about: the word before the colon of its text.
bool is_about(const Judgement& judgement, std::string_view subject) {
  return judgement.text.starts_with(subject) && judgement.text.substr(subject.size()).starts_with(":");
}

struct Cause {
  double time_s = 0;
  bool event = false;    // a crash or a hang; else the text of a judgement
  bool warning = false;  // the kernel continues after it, so that later causes are independent
  std::string text;
};

// A hang starts with the last sign of life, which is up to a heartbeat or a progress step older than the
// crash that ended it. A hang is confirmed after 10 s by default: a crash within them is not a consequence of
// it.
constexpr double confirmation_s = 10;

Cause cause_of(const Crash& crash, const Outcome& outcome) {
  double time_s = crash.time_s;
  for (const Hang& hang : outcome.hangs) {
    const bool within = crash.time_s >= hang.start_s && crash.time_s <= hang.start_s + confirmation_s;
    if (within) time_s = std::min(time_s, hang.start_s);
  }
  return {time_s, true, crash.title.starts_with("WARNING"),
          fmt::format("{} at {:.1f} s", crash.title, crash.time_s)};
}

void add_crashes(const Outcome& outcome, std::vector<Cause>& causes) {
  std::vector<std::string_view> seen;
  for (const Crash& crash : outcome.crashes) {
    if (std::find(seen.begin(), seen.end(), crash.title) != seen.end()) continue;
    seen.push_back(crash.title);
    causes.push_back(cause_of(crash, outcome));
  }
}

// When a judgement could first have become what it is: victims with the first kill, the number of kills with
// the last; all else at the end.
double time_of(const Judgement& judgement, const Outcome& outcome) {
  const auto& kills = outcome.oom_kills;
  if (!kills.empty() && is_about(judgement, "victims")) return kills.front().time_s;
  if (!kills.empty() && is_about(judgement, "oom-kills")) return kills.back().time_s;
  return outcome.watched_s;
}

// In order of time. A crash is listed before a hang with the same time.
std::vector<Cause> causes_of(const Outcome& outcome, const std::vector<Judgement>& judgements,
                             Verdict sought) {
  std::vector<Cause> causes;
  for (const Judgement& judgement : judgements) {
    if (judgement.verdict == sought && judgement.text == "crashes: none") add_crashes(outcome, causes);
  }
  const Hang* hang = longest_hang(outcome);
  for (const Judgement& judgement : judgements) {
    if (judgement.verdict != sought) continue;
    if (judgement.text == "crashes: none" && !outcome.crashes.empty()) continue;
    if (judgement.text == "hang: none" && hang != nullptr) {
      causes.push_back({hang->start_s, true, false, to_text(*hang)});
    } else {
      causes.push_back({time_of(judgement, outcome), false, false, reason(judgement)});
    }
  }
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause& a, const Cause& b) { return a.time_s < b.time_s; });
  return causes;
}

// What explains most: how memory got stuck before who was killed.
const Finding* weightiest(const Outcome& outcome) {
  for (const char* id :
       {"mmap-lock-livelock", "lock-cycle", "lock-owner", "silent-hang", "reaper-failed", "victim-mm-pinned",
        "dying-tasks-in-allocator", "victim-frees-little", "child-sacrificed", "rcu-kthread-starved"}) {
    for (const Finding& finding : outcome.findings) {
      if (finding.id == id) return &finding;
    }
  }
  return outcome.findings.empty() ? nullptr : &outcome.findings.front();
}

bool covers(const std::vector<Judgement>& judgements, std::string_view subject) {
  return std::any_of(judgements.begin(), judgements.end(),
                     [&](const Judgement& judgement) { return is_about(judgement, subject); });
}

// The kernel's reports that are part of no hang, each title once.
std::string reported(const Outcome& outcome) {
  constexpr size_t most = 3;
  std::vector<std::string_view> titles;
  std::vector<std::string> texts;
  for (const HangReport& report : outcome.reports) {
    if (std::find(titles.begin(), titles.end(), report.title) != titles.end()) continue;
    titles.push_back(report.title);
    if (titles.size() <= most) texts.push_back(fmt::format("{} at {:.1f} s", report.title, report.time_s));
  }
  if (texts.empty()) return "";
  if (titles.size() > most) texts.push_back(fmt::format("and {} more", titles.size() - most));
  return fmt::format("the kernel reported {} (not counted as {})", join(texts, ", "),
                     titles.size() == 1 ? "a hang" : "hangs");
}

std::string not_expected(const Outcome& outcome, const std::vector<Judgement>& judgements) {
  std::vector<Cause> causes;
  if (!covers(judgements, "crashes")) add_crashes(outcome, causes);
  const Hang* hang = covers(judgements, "hang") ? nullptr : longest_hang(outcome);
  if (hang != nullptr) causes.push_back({hang->start_s, true, false, to_text(*hang)});
  if (causes.empty()) return "";
  std::stable_sort(causes.begin(), causes.end(),
                   [](const Cause& a, const Cause& b) { return a.time_s < b.time_s; });
  std::vector<std::string> texts;
  for (const Cause& cause : causes) texts.push_back(cause.text);
  return "not expected or excluded: " + join(texts, "; ");
}

// Of a run in which nothing went wrong.
std::string observed(const Outcome& outcome, const std::vector<Judgement>& judgements) {
  if (const Finding* finding = weightiest(outcome)) return finding->text;
  const Hang* hang = covers(judgements, "hang") ? longest_hang(outcome) : nullptr;
  if (hang != nullptr) return to_text(*hang);
  return judgements.empty() ? "no expectations" : "as expected";
}

std::string explain(Verdict verdict, const Outcome& outcome, const std::vector<Judgement>& judgements) {
  if (verdict == Verdict::pass) return observed(outcome, judgements);
  if (verdict == Verdict::inconclusive && outcome.end == End::interrupted)
    return fmt::format("interrupted after {:.1f} s", outcome.watched_s);
  const std::string cause = earliest_cause(outcome, judgements, verdict);
  return cause.empty() ? outcome.end_detail : cause;
}

}  // namespace

std::string earliest_cause(const Outcome& outcome, const std::vector<Judgement>& judgements, Verdict sought) {
  const std::vector<Cause> causes = causes_of(outcome, judgements, sought);
  if (causes.empty()) return "";
  constexpr size_t most_events = 3;
  std::string text = causes[0].text;
  size_t events = 1;
  for (size_t i = 1; i < causes.size() && events < most_events; ++i) {
    if (!causes[i].event) continue;
    text += "; then " + causes[i].text;
    ++events;
  }
  const bool more = causes.size() > 1 && !causes[1].event;
  if (causes[0].warning && more) text += "; also " + causes[1].text;
  return text;
}

std::string not_covered(const Outcome& outcome, const std::vector<Judgement>& judgements) {
  const std::string first = not_expected(outcome, judgements);
  const std::string second = reported(outcome);
  return first + (first.empty() || second.empty() ? "" : "; ") + second;
}

std::string why_of(Verdict verdict, const Outcome& outcome, const std::vector<Judgement>& judgements) {
  std::string text = explain(verdict, outcome, judgements);
  const std::string more = not_covered(outcome, judgements);
  if (!more.empty() && text.ends_with('.')) text.pop_back();  // a finding is a sentence
  return text + (text.empty() || more.empty() ? "" : "; ") + more;
}

}  // namespace hangar::verdict
