// SPDX-License-Identifier: GPL-2.0-only
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/log/infer/engine.h"
#include "harness/log/render/summary.h"

namespace hangar::log {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string summary_of(const std::string& text) {
  Summary summary;
  Engine engine([&](Event&& event) { summary.on(event); });
  engine.feed(text);
  engine.finish();
  return summary.text(80);
}

std::string lockup_at(int second) {
  std::string out;
  for (const char* line : {"watchdog: BUG: soft lockup - CPU#1 stuck for 4s! [hog:41]", "Call Trace:",
                           " <TASK>", " shrink_node+0x11/0x60", " handle_mm_fault+0xd5/0x2b0", " </TASK>"}) {
    out += fmt::format("[{:5}.000000] {}\n", second, line);
  }
  return out;
}

TEST(Summary, ShowsADetectorsRepeatedReportOnce) {
  const auto text = summary_of(lockup_at(20) + lockup_at(25) + lockup_at(30));
  EXPECT_THAT(text, HasSubstr("BUG: soft lockup in handle_mm_fault [line 1, 3 reports]"));
  EXPECT_THAT(text, Not(HasSubstr("line 7")));
  EXPECT_THAT(summary_of(lockup_at(20)), HasSubstr("handle_mm_fault [line 1]"));
}

TEST(Summary, NamesAVictimWhoseKillIsNotInAKnownForm) {
  const auto text = summary_of(
      "[   10.000000] hog invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0\n"
      "[   10.000001] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=parent,pid=37,uid=0\n");
  EXPECT_THAT(text, HasSubstr("a victim was chosen (parent, pid 37); its kill is not in a known form"));
}

}  // namespace
}  // namespace hangar::log
