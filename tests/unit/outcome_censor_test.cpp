// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/censor.h"

namespace hangar::outcome {
namespace {

using testing::Eq;
using testing::Optional;

// From 10 s to 64 s, or still going on after 64 s.
verdict::Hang hang_of(bool over) {
  verdict::Hang hang;
  hang.kind = HangKind::memory_stall;
  hang.start_s = 10;
  hang.duration_s = 54;
  hang.censored = !over;
  if (over) hang.end_s = 64;
  hang.ended_by = over ? HangEnd::sysrq_f : HangEnd::end;
  return hang;
}

TEST(Censor, KeysThatPrintDoNotChangeTheGuest) {
  for (const char key : std::string("mwtlpdq0189")) EXPECT_FALSE(changes_guest(key)) << key;
  for (const char key : std::string("bcefijknou")) EXPECT_TRUE(changes_guest(key)) << key;
}

TEST(Censor, TheFirstKeyThatChangesTheGuestBoundsTheDuration) {
  const auto steps = interventions_in({{20, "sysrq", "w"},
                                       {21, "vcpus", "CPU 0 at schedule+0x1"},
                                       {22, "dump", "guest.kdump, 6 MiB"},
                                       {23, "nmi", "sent"},
                                       {41, "sysrq", "f"},
                                       {63, "sysrq", "f"}});
  ASSERT_EQ(steps.size(), 2u);
  verdict::Hang hang = hang_of(true);
  censor(hang, steps);
  EXPECT_TRUE(hang.censored);
  EXPECT_THAT(hang.censored_by, Optional(Eq("sysrq-f")));
  EXPECT_DOUBLE_EQ(hang.duration_s, 31);
  EXPECT_FALSE(hang.end_s);
  EXPECT_THAT(hang.over_s, Optional(64.0));
  EXPECT_EQ(to_string(hang.ended_by), "sysrq-f") << "what was seen";
  EXPECT_EQ(duration_text(hang), "at least 31.0 s (ended by our SysRq f)");
}

TEST(Censor, AKeyCountsFromWhenItsSendingBegan) {
  verdict::Hang hang = hang_of(true);
  censor(hang, interventions_in({{40, "sysrq-begins", "f"}, {41, "sysrq", "f"}}));
  EXPECT_DOUBLE_EQ(hang.duration_s, 30);
}

// It may have been sent for all that.
TEST(Censor, AKeyThatWasNotSeenToArriveCounts) {
  verdict::Hang hang = hang_of(false);
  censor(hang, interventions_in({{40, "sysrq-begins", "f"}, {48, "sysrq-failed", "QEMU did not answer"}}));
  EXPECT_THAT(hang.censored_by, Optional(Eq("sysrq-f")));
  EXPECT_FALSE(hang.over_s);
  EXPECT_EQ(to_string(hang.ended_by), "end");
  EXPECT_EQ(duration_text(hang), "at least 30.0 s (until our SysRq f, which did not end it)");
}

TEST(Censor, ResumeAndResetAreInterventions) {
  for (const char* what : {"resume", "reset"}) {
    verdict::Hang hang = hang_of(true);
    hang.ended_by = HangEnd::recovery;
    censor(hang, interventions_in({{30, what, ""}}));
    EXPECT_THAT(hang.censored_by, Optional(Eq(what)));
    EXPECT_EQ(duration_text(hang),
              "at least 20.0 s (until our " + std::string(what) + "; over 34.0 s later)");
  }
}

TEST(Censor, WhatCameBeforeOrAfterTheHangIsNoMatter) {
  for (const double sent_s : {9.0, 64.0, 70.0}) {
    verdict::Hang hang = hang_of(true);
    censor(hang, interventions_in({{sent_s, "sysrq", "f"}}));
    EXPECT_FALSE(hang.censored) << sent_s;
    EXPECT_DOUBLE_EQ(hang.duration_s, 54);
    EXPECT_THAT(hang.end_s, Optional(64.0));
    EXPECT_THAT(hang.over_s, Optional(64.0));
    EXPECT_EQ(duration_text(hang), "54.0 s");
  }
}

TEST(Censor, AHangThatWasOnlyWatchedIsCensoredByTheEnd) {
  verdict::Hang hang = hang_of(false);
  censor(hang, interventions_in({{20, "sysrq", "w"}}));
  EXPECT_TRUE(hang.censored);
  EXPECT_FALSE(hang.censored_by);
  EXPECT_FALSE(hang.over_s);
  EXPECT_EQ(duration_text(hang), "at least 54.0 s");
}

}  // namespace
}  // namespace hangar::outcome
