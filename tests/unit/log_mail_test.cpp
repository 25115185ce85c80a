// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gtest/gtest.h>

#include "harness/log/infer/read.h"
#include "tests/places.h"

// The 2015 report on the mmap_sem livelock holds a log and what its author concluded from it: so must we.
namespace hangar::log {
namespace {

class OomTimeoutMail : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = std::filesystem::path(places::source) / "../shared/mails/oom-timeout-2015-10-12.txt";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the mail is not beside this checkout: " << path;
    auto facts = read_log(path.string());
    ASSERT_TRUE(facts) << facts.error().message;
    facts_ = std::move(*facts);
    ASSERT_EQ(facts_.boots.size(), 1U);
  }
  [[nodiscard]] const Finding* finding(std::string_view id) const {
    for (const auto& one : facts_.boots[0].findings) {
      if (one.id == id) return &one;
    }
    return nullptr;
  }
  LogFacts facts_;
};

TEST_F(OomTimeoutMail, TwoHangs) {
  const auto& hangs = facts_.boots[0].hangs;
  ASSERT_EQ(hangs.size(), 2U);
  EXPECT_EQ(to_string(hangs[0].kind), "memory-stall");
  EXPECT_EQ(to_string(hangs[0].cause), "no-kill");
  EXPECT_NEAR(*hangs[0].start_s, 101.44, 0.01);
  EXPECT_NEAR(*hangs[0].end_s, 302.59, 0.01);
  EXPECT_EQ(to_string(hangs[0].ended_by), "sysrq-f");
  EXPECT_EQ(to_string(hangs[1].kind), "memory-stall");
  EXPECT_EQ(to_string(hangs[1].cause), "victim-stuck");
  EXPECT_NEAR(*hangs[1].start_s, 380.13, 0.01);
  EXPECT_TRUE(hangs[1].censored);
  EXPECT_FALSE(hangs[1].end_s);
  EXPECT_EQ(to_string(hangs[1].ended_by), "end");
}

TEST_F(OomTimeoutMail, TheKillOfAChild) {
  const auto& oom = facts_.boots[0].oom;
  ASSERT_EQ(oom.size(), 2U);
  EXPECT_TRUE(oom[0].sysrq);
  EXPECT_EQ(oom[0].invoker->comm, "kworker/3:2");
  EXPECT_EQ(oom[1].tasks.size(), 36U);
  ASSERT_EQ(oom[1].kills.size(), 1U);
  EXPECT_EQ(oom[1].kills[0].pid, 3418);
  EXPECT_EQ(oom[1].kills[0].instead_of->pid, 3417);
  EXPECT_EQ(oom[1].kills[0].anon_rss_kb, 96);
  EXPECT_EQ(oom[1].kills[0].score, 890);
}

TEST_F(OomTimeoutMail, TheAuthorsThreeConclusions) {
  const auto* livelock = finding("mmap-lock-livelock");
  ASSERT_NE(livelock, nullptr);
  EXPECT_NE(livelock->text.find("3428"), std::string::npos) << livelock->text;
  EXPECT_NE(finding("child-sacrificed"), nullptr);
  EXPECT_NE(finding("victim-frees-little"), nullptr);
  EXPECT_NE(finding("dying-tasks-in-allocator"), nullptr);
  EXPECT_NE(finding("silent-hang"), nullptr);
  EXPECT_EQ(finding("reaper-failed"), nullptr);
}

TEST_F(OomTimeoutMail, StacksAndReports) {
  const auto& boot = facts_.boots[0];
  EXPECT_EQ(boot.memalloc.size(), 8U);
  EXPECT_EQ(boot.tasks.size(), 12U);
  EXPECT_EQ(boot.sysrq.size(), 1U);
  EXPECT_EQ(boot.sysrq[0].key, 'f');
  EXPECT_EQ(facts_.integrity.elided, 9U);
  EXPECT_TRUE(boot.crashes.empty());
}

}  // namespace
}  // namespace hangar::log
