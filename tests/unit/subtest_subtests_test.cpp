// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/subtest/subtests.h"
#include "tests/places.h"

namespace hangar::subtest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// "ok mm/read", "skip write (no swap)"
std::vector<std::string> read(std::string_view output) {
  std::vector<std::string> all;
  for (const Subtest& test : read_subtests(output)) {
    std::string text = std::string(to_string(test.result)) + " " + test.name;
    if (!test.reason.empty()) text += " (" + test.reason + ")";
    all.push_back(text);
  }
  return all;
}

TEST(Subtests, AreThoseOfTap13) {
  EXPECT_THAT(read("TAP version 13\n"
                   "1..5\n"
                   "ok 1 - maps a page\n"
                   "# a comment: ok 7 is not a result of it\n"
                   "not ok 2 unmaps it\n"
                   "  ---\n"
                   "  message: 'ok'\n"
                   "  ...\n"
                   "ok 3 swaps # SKIP there is no swap\n"
                   "not ok 4 migrates # TODO not written\n"
                   "ok\n"),
              ElementsAre("ok maps a page", "not-ok unmaps it", "skip swaps (there is no swap)",
                          "ok migrates (not written)", "ok 5"));
}

TEST(Subtests, OfKtapAreItsLeaves) {
  EXPECT_THAT(read("KTAP version 1\n"
                   "1..2\n"
                   "  KTAP version 1\n"
                   "  1..2\n"
                   "    KTAP version 1\n"
                   "    1..1\n"
                   "    ok 1 test_1\n"
                   "  ok 1 example_1\n"
                   "  not ok 2 example_2 # TIMEOUT 30 seconds\n"
                   "not ok 1 mm\n"
                   "ok 2 slab\n"),
              ElementsAre("ok mm/example_1/test_1", "not-ok mm/example_2 (TIMEOUT 30 seconds)", "ok slab"));
}

TEST(Subtests, OfAFailureAroundThemCountOnlyIfNoneOfThemFailed) {
  EXPECT_THAT(read("KTAP version 1\n1..1\n  1..1\n  ok 1 inside\nnot ok 1 around\n"),
              ElementsAre("ok around/inside", "not-ok around"));
}

// kselftest.h gives the name of a skipped test where TAP has the reason.
TEST(Subtests, SkippedOnesOfKselftestAreNamedByTheWordAfterTheDirective) {
  EXPECT_THAT(read("TAP version 13\n"
                   "1..3\n"
                   "ok 1 # SKIP test_memcg_swap_max\n"
                   "ok 2 # SKIP there is no swap\n"
                   "not ok 3 # test_memcg_min\n"),
              ElementsAre("skip test_memcg_swap_max", "skip 2 (there is no swap)", testing::_));
}

TEST(Subtests, OfKselftestsRunnerAreNamedByTheirProgram) {
  EXPECT_THAT(read("TAP version 13\n"
                   "1..2\n"
                   "# selftests: cgroup: test_memcontrol\n"
                   "# ok 1 test_memcg_subtree_control\n"
                   "# not ok 2 test_memcg_min\n"
                   "# ok 3 test_memcg_swap_max # SKIP \n"
                   "not ok 1 selftests: cgroup: test_memcontrol # exit=1\n"
                   "ok 2 selftests: cgroup: test_core\n"),
              ElementsAre("ok selftests: cgroup: test_memcontrol/test_memcg_subtree_control",
                          "not-ok selftests: cgroup: test_memcontrol/test_memcg_min",
                          "skip selftests: cgroup: test_memcontrol/test_memcg_swap_max",
                          "ok selftests: cgroup: test_core"));
}

// As children of test_memcontrol do it on 6.1.
TEST(Subtests, ThatChildrenPrintAgainFromTheirBufferCountOnce) {
  const std::string program =
      "# ok 1 a\n"
      "# ok 1 a\n"
      "# not ok 2 b\n"
      "# ok 1 a\n"
      "# not ok 2 b\n"
      "# ok 2 b\n"
      "not ok 1 selftests: cgroup: x # exit=1\n";
  EXPECT_THAT(
      read("TAP version 13\n1..1\n" + program),
      ElementsAre("ok selftests: cgroup: x/a", "not-ok selftests: cgroup: x/b", "ok selftests: cgroup: x/b"));
  EXPECT_THAT(read("TAP version 13\n" + program + program), SizeIs(6)) << "two runs of it";
  EXPECT_THAT(read("TAP version 13\nok 1 a\nTAP version 13\nok 1 a\n"), SizeIs(2))
      << "a program that runs twice";
}

TEST(Subtests, OfRunVmtestsAreNamedByTheLineAbove) {
  EXPECT_THAT(read("-----------------------\n"
                   "running ./hugepage-mmap\n"
                   "-----------------------\n"
                   "mmap() failed: Cannot allocate memory\n"
                   "[FAIL]\n"
                   "running ./madv_populate\n"
                   "TAP version 13\n"
                   "1..2\n"
                   "ok 1 populates\n"
                   "ok 2 fails on a hole\n"
                   "# Totals: pass:2 fail:0\n"
                   "[PASS]\n"
                   "running ./userfaultfd anon 20 16\n"
                   "[SKIP]\n"),
              ElementsAre("not-ok ./hugepage-mmap", "ok ./madv_populate/populates",
                          "ok ./madv_populate/fails on a hole", "skip ./userfaultfd anon 20 16"));
}

// 6.12: [PASS] and then the line of TAP.
TEST(Subtests, OfOneTestThatReportsTwiceAreOne) {
  EXPECT_THAT(read("TAP version 13\n"
                   "# running ./hugepage-mmap\n"
                   "# [PASS]\n"
                   "ok 1 hugepage-mmap\n"),
              ElementsAre("ok hugepage-mmap/./hugepage-mmap"));
}

TEST(Subtests, AreLinesInBrackets) {
  EXPECT_THAT(read("[RUN]\twrites past the end\n[OK]\tgot SIGBUS\n"
                   "soft-dirty bit of a new page ... [PASS]\n"
                   "[SKIP] no root\n"
                   "[INFO] hello\n"
                   "array[FAIL] = 3\n"),
              ElementsAre("ok got SIGBUS", "ok soft-dirty bit of a new page", "skip no root"));
}

TEST(Subtests, ThatWerePlannedAndDidNotReportFailed) {
  EXPECT_THAT(read("TAP version 13\n1..4\nok 1 a\n"),
              ElementsAre("ok a", "not-ok 2 to 4 (planned, but there is no result)"));
  EXPECT_THAT(
      read("1..2\nok 1 a\nBail out! no memory\n"),
      ElementsAre("ok a", "not-ok Bail out! (no memory)", "not-ok 2 (planned, but there is no result)"));
  EXPECT_THAT(read("TAP version 13\nok 1 a\n1..1\n"), ElementsAre("ok a")) << "the plan may come last";
}

TEST(Subtests, OfAnEmptyPlanAreSkipped) {
  EXPECT_THAT(read("TAP version 13\n1..0 # SKIP no hugetlb\n"), ElementsAre("skip all (the plan is empty)"));
}

// Three tests in the form that LTP's documentation describes: of a file, in colour, and of a script.
TEST(Subtests, OfTheLinuxTestProjectAreItsLines) {
  const auto log = read_file(fs::path(places::source) / "tests/data/subtest/ltp.log");
  ASSERT_TRUE(log);
  EXPECT_THAT(read(*log), ElementsAre("ok hugeshmat04/shmat(64 MiB) at any address",
                                      "ok hugeshmat04/shmat(64 MiB) at a fixed address",
                                      "not-ok hugeshmat04/shmdt(0x7f0000000000) failed: EINVAL (22) (TFAIL)",
                                      "skip hugeshmat04/hugetlbfs is not supported (TCONF)",
                                      "ok swapping01/no more than 1024 kB were swapped",
                                      "not-ok swapping01/fork() failed: ENOMEM (12) (TBROK)",
                                      "not-ok swapping01/child 412 still runs (TWARN)",
                                      "ok memcg_usage/memory.usage_in_bytes is 4194304 as expected",
                                      "skip memcg_usage/memory controller is not mounted (TCONF)",
                                      "skip summary/skipped (counted, but there is no line)"));
}

TEST(Subtests, OfTheLinuxTestProjectThatOnlyTheSummaryCountsFailed) {
  const std::string lines = "oom01.c:9: TPASS: a\n\nSummary:\npassed   1\nfailed   2\nbroken   0\n";
  EXPECT_EQ(subtests_text(read_subtests(lines)), "2 of 3 failed: summary/failed, summary/failed");
  EXPECT_THAT(read_subtests("a.c:1: TPASS: a\nSummary:\nfailed 2147483647\nfailed -1\nfailed 1x\n"),
              SizeIs(most_subtests));
  EXPECT_THAT(read("Summary:\nfailed   2\n"), IsEmpty()) << "a summary of something else";
}

TEST(Subtests, AreNotInOrdinaryOutput) {
  EXPECT_THAT(read("ok\nok then\nnot ok\nokay 1\n1..10 pages\n# ok\nall [OKAY]\nrunning late\n"), IsEmpty());
}

TEST(Subtests, OfHostileOutputAreBounded) {
  std::string output = "TAP version 13\n";
  for (int i = 0; i < 30000; ++i) output += "ok 1 " + std::string(300, 'x') + "\n";
  const auto all = read_subtests(output);
  EXPECT_THAT(all, SizeIs(most_subtests));
  EXPECT_THAT(all.front().name, SizeIs(longest_name));
  EXPECT_THAT(read_subtests("1..99999999999999999999\nok 1 a\n"), SizeIs(1));
  EXPECT_THAT(read(std::string(1000, '#') + " ok 1 a\nok 1 \r\n[\n]\n[]\nnot \n"), ElementsAre("ok 1"));
}

TEST(Subtests, AreMostlySkippedAboveOneHalf) {
  EXPECT_FALSE(mostly_skipped(counts_of(read_subtests("ok 1 a\nok 2 b # SKIP\n"))));
  EXPECT_TRUE(mostly_skipped(counts_of(read_subtests("ok 1 a\nok 2 b # SKIP\nok 3 c # skip\n"))));
  EXPECT_FALSE(mostly_skipped(counts_of({})));
}

}  // namespace
}  // namespace hangar::subtest
