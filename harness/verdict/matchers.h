// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <string>

#include <gmock/gmock.h>

#include "harness/verdict/outcome.h"

// gmock matchers over outcomes, for tests that boot guests: see tests/guest/example_test.cpp for one to copy.
namespace hangar::verdict {

// Shown by gmock when a matcher fails.
inline void PrintTo(const Hang& hang, std::ostream* out) {
  *out << to_string(hang.kind) << " from " << hang.start_s << " s for " << duration_text(hang);
}
inline void PrintTo(const OomKill& kill, std::ostream* out) {
  *out << kill.comm << " (pid " << kill.pid << ") at " << kill.time_s << " s";
}

MATCHER(HasNoHang, "has no hang") {
  *result_listener << "has " << arg.hangs.size() << " hangs: " << testing::PrintToString(arg.hangs);
  return arg.hangs.empty();
}
// HangsWith(kind, longest matcher): a hang of this kind whose duration in seconds matches.
MATCHER_P2(HangsWith, kind, duration, "") {
  *result_listener << testing::PrintToString(arg.hangs);
  return std::any_of(arg.hangs.begin(), arg.hangs.end(), [&](const Hang& hang) {
    return to_string(hang.kind) == kind &&
           testing::Value(hang.duration_s, testing::SafeMatcherCast<const double&>(duration));
  });
}
MATCHER_P(HasOomKills, count, "") {
  *result_listener << testing::PrintToString(arg.oom_kills);
  return testing::Value(arg.oom_kills.size(), testing::SafeMatcherCast<const size_t&>(count));
}
// The role, or the comm of a process that has none.
MATCHER_P(KilledA, name, "") {
  *result_listener << testing::PrintToString(arg.oom_kills);
  return std::any_of(arg.oom_kills.begin(), arg.oom_kills.end(),
                     [&](const OomKill& kill) { return name_of(kill) == name; });
}
MATCHER_P(CrashesWith, title, "has a crash whose title contains " + std::string(title)) {
  return std::any_of(arg.crashes.begin(), arg.crashes.end(),
                     [&](const Crash& crash) { return crash.title.find(title) != std::string::npos; });
}
MATCHER_P(ExitsWith, code, "") {
  return arg.exit && arg.exit->signal == 0 && arg.exit->code == code;
}

}  // namespace hangar::verdict
