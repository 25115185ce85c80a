// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/hangs.h"
#include "tests/unit/made_up_log.h"

namespace hangar::outcome {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<std::string> in_oom = {"__schedule", "schedule", "msleep", "out_of_memory"};
const std::vector<std::string> in_pipe = {"__schedule", "schedule", "pipe_read"};

// A run of 100 s whose log and signals are made up.
class HangsTest : public testing::Test {
 protected:
  HangsTest() {
    log_.boot().line = 1;
    log_.line(0);
  }

  Stretch& stretch(Stop kind, double start_s, std::optional<double> end_s) {
    inputs_.stretches.push_back({kind, start_s, end_s, std::nullopt, std::nullopt, std::nullopt});
    return inputs_.stretches.back();
  }
  // A hang that the log tells of, by the lines that came at these times.
  log::Hang& told(const std::string& kind, const std::vector<double>& at_s, bool censored = false) {
    log::Hang hang;
    hang.kind = from_word<HangKind>(kind).value();
    hang.censored = censored;
    for (const double at : at_s) hang.lines.push_back(log_.line(at, kind + " reported"));
    log_.boot().hangs.push_back(hang);
    return log_.boot().hangs.back();
  }
  std::uint64_t kill(double at_s, std::int64_t pid = 41) {
    const std::uint64_t line = log_.line(at_s, "Out of memory: Killed process");
    kills_.push_back({at_s, pid, "hog", std::nullopt, {static_cast<std::int64_t>(line), ""}, false});
    return line;
  }
  // A crash report of the kernel's hang detectors.
  void report(double at_s, const std::string& title) {
    log::Crash crash;
    crash.type = "HANG";
    crash.title = title;
    crash.line = log_.line(at_s, title);
    log_.boot().crashes.push_back(crash);
  }
  HangInputs inputs() {
    timeline_.emplace(log_.timeline());
    inputs_.facts = &log_.facts;
    inputs_.timeline = &*timeline_;
    inputs_.kills = &kills_;
    inputs_.watched_s = 100;
    return inputs_;
  }
  std::vector<verdict::Hang> hangs() { return join_hangs(inputs()); }
  verdict::Hang only() {
    const auto all = hangs();
    EXPECT_THAT(all, SizeIs(1));
    return all.empty() ? verdict::Hang() : all.front();
  }
  std::vector<std::string> titles_without_hang() {
    std::vector<std::string> titles;
    const auto in = inputs();
    for (const auto& one : reports_without_hang(in, join_hangs(in))) titles.push_back(one.title);
    return titles;
  }

  MadeUpLog log_;
  HangInputs inputs_;
  std::vector<verdict::OomKill> kills_;
  std::optional<Timeline> timeline_;
};

TEST_F(HangsTest, AStretchIsAHangOfItsKind) {
  stretch(Stop::probe, 20, 50);
  const verdict::Hang over = only();
  EXPECT_EQ(to_string(over.kind), "memory-stall");
  EXPECT_EQ(over.start_s, 20);
  EXPECT_EQ(over.end_s, 50);
  EXPECT_EQ(over.duration_s, 30);
  EXPECT_FALSE(over.censored);
  EXPECT_EQ(to_string(over.ended_by), "recovery");
  inputs_.stretches[0].end_s.reset();
  const verdict::Hang ongoing = only();
  EXPECT_TRUE(ongoing.censored);
  EXPECT_FALSE(ongoing.end_s);
  EXPECT_EQ(ongoing.duration_s, 80) << "until watching ended";
  EXPECT_EQ(to_string(ongoing.ended_by), "end");
}

TEST_F(HangsTest, TheEvidenceNamesTheSignals) {
  stretch(Stop::hello, 0, std::nullopt);
  EXPECT_EQ(only().evidence, "no hello");
  Stretch& one = inputs_.stretches[0];
  one = {Stop::pulse, 20, std::nullopt, 20.0, 19.5, std::nullopt};
  EXPECT_EQ(only().evidence, "the pulse stopped (last at 20.0 s), probe last at 19.5 s, progress never seen");
  one = {Stop::probe, 20, std::nullopt, 31.0, 20.0, 21.0};
  EXPECT_EQ(only().evidence,
            "the probe stopped (last at 20.0 s), the pulse went on, progress last at 21.0 s");
  one.last_progress_s = 22;
  EXPECT_THAT(only().evidence, EndsWith("progress last at 22.0 s"));
  one.last_progress_s = 22.1;
  EXPECT_THAT(only().evidence, EndsWith("progress went on"));
  one = {Stop::progress, 20, std::nullopt, 31.0, 31.0, 20.0};
  EXPECT_EQ(only().evidence, "progress stopped (last at 20.0 s), pulse and probe went on");
}

// A kill that frees memory does so within 5 s; one in the first second did not end it.
TEST_F(HangsTest, AKillEndsAHangThatIsOverSoonAfter) {
  stretch(Stop::probe, 20, 50);
  for (const auto& [at_s, ended_by] : {std::pair(20.5, "recovery"),
                                       {44.9, "recovery"},
                                       {45.0, "kill"},
                                       {50.0, "kill"},
                                       {50.1, "recovery"}}) {
    kills_.clear();
    kill(at_s);
    EXPECT_EQ(to_string(only().ended_by), ended_by) << at_s;
  }
  inputs_.stretches[0] = {Stop::probe, 47, 50, std::nullopt, std::nullopt, std::nullopt};
  kills_.clear();
  kill(48);
  EXPECT_EQ(to_string(only().ended_by), "recovery") << "in its first second";
  kills_.clear();
  kill(48.1);
  EXPECT_EQ(to_string(only().ended_by), "kill");
}

// SysRq f goes through a work item, which may be late by seconds, but not by half a minute.
TEST_F(HangsTest, TheLastSysrqFBeforeTheKillAskedForIt) {
  stretch(Stop::probe, 20, 80);
  kill(77);
  inputs_.sysrq_f_s = {19, 30, 60, 78};
  const verdict::Hang hang = only();
  EXPECT_EQ(to_string(hang.ended_by), "sysrq-f");
  EXPECT_THAT(hang.evidence, HasSubstr("; SysRq f number 2 killed hog at 77.0 s, over 3.0 s later"));
  inputs_.sysrq_f_s = {47.1};
  EXPECT_EQ(to_string(only().ended_by), "sysrq-f");
  inputs_.sysrq_f_s = {47};
  EXPECT_EQ(to_string(only().ended_by), "kill") << "30 s before";
  inputs_.sysrq_f_s = {19};
  EXPECT_EQ(to_string(only().ended_by), "kill") << "before the hang";
  inputs_.sysrq_f_s = {20, 77};
  EXPECT_THAT(only().evidence, HasSubstr("SysRq f number 2 killed"));
}

TEST_F(HangsTest, ASysrqFIsIdleIfNoKillComesBeforeTheNext) {
  stretch(Stop::probe, 20, 80);
  inputs_.sysrq_f_s = {19, 20, 40, 60, 80, 81};
  kill(45);
  EXPECT_THAT(only().idle_f_s, ElementsAre(20, 60, 80));
  EXPECT_THAT(only().evidence, EndsWith("; SysRq f was sent at 20.0 s, 60.0 s, 80.0 s; no kill followed"));
  inputs_.sysrq_f_s = {70};
  kill(99);
  EXPECT_THAT(only().idle_f_s, IsEmpty()) << "the last one has until the end of the run";
  kills_.clear();
  kill(70);
  EXPECT_THAT(only().idle_f_s, IsEmpty());
  kills_.clear();
  kill(69.9);
  EXPECT_THAT(only().idle_f_s, ElementsAre(70)) << "this kill came before";
}

TEST_F(HangsTest, TheKernelsReportsNameTheStretchThatTheyFallInto) {
  stretch(Stop::progress, 20, 50);
  told("task", {30, 36});
  EXPECT_EQ(to_string(only().kind), "task");
  EXPECT_THAT(only().lines, SizeIs(2));
  told("lockup", {40});
  EXPECT_EQ(to_string(only().kind), "lockup");
  EXPECT_THAT(only().lines, SizeIs(3));
  inputs_.stretches[0].kind = Stop::pulse;
  log_.boot().hangs.pop_back();
  EXPECT_EQ(to_string(only().kind), "hard") << "a task says nothing about a pulse that stopped";
}

TEST_F(HangsTest, ReportsOutsideOfAStretchAreAnotherHang) {
  stretch(Stop::progress, 50, 70);
  told("task", {20, 35});
  told("task", {71, 90});
  std::vector<std::pair<double, double>> found;
  for (const auto& hang : hangs()) found.emplace_back(hang.start_s, hang.duration_s);
  EXPECT_THAT(found, ElementsAre(std::pair(20.0, 15.0), std::pair(50.0, 20.0), std::pair(71.0, 19.0)))
      << "in order of their starts";
}

TEST_F(HangsTest, TwelveLinesAreCitedAtMostAndEachOnce) {
  stretch(Stop::progress, 20, 50);
  std::vector<double> times;
  for (int i = 0; i < 14; ++i) times.push_back(25 + i);
  told("lockup", times);
  const auto lines = log_.boot().hangs[0].lines;
  told("lockup", {}).lines = lines;
  EXPECT_THAT(only().lines, SizeIs(12));
  log_.boot().hangs[0].lines.resize(5);
  log_.boot().hangs[1].lines.resize(5);
  EXPECT_THAT(only().lines, SizeIs(5));
}

TEST_F(HangsTest, ALogsHangLastsFromItsLengthBeforeItsLastReport) {
  told("task", {40, 46}).duration_s = 16;
  const verdict::Hang hang = only();
  EXPECT_EQ(hang.start_s, 30);
  EXPECT_EQ(hang.end_s, 46);
  EXPECT_EQ(hang.duration_s, 16);
  EXPECT_THAT(hang.evidence, testing::StartsWith("the kernel's own reports; pulse and probe went on"));
  log_.boot().hangs[0].duration_s = 4;
  EXPECT_THAT(hangs(), IsEmpty()) << "6 s between its reports, and 4 s by its own words";
  log_.boot().hangs[0].duration_s = 60;
  EXPECT_EQ(only().start_s, 0) << "not before the run";
}

TEST_F(HangsTest, ALogsHangThatIsCensoredLastsUntilWatchingEnded) {
  told("task", {40, 55}, /*censored=*/true).duration_s = 40;
  log_.line(70, "the last line");
  const verdict::Hang hang = only();
  EXPECT_TRUE(hang.censored);
  EXPECT_EQ(hang.start_s, 30) << "40 s before the log's end";
  EXPECT_EQ(hang.duration_s, 70);
  EXPECT_FALSE(hang.end_s);
}

TEST_F(HangsTest, ALogsHangIsOneFromTheThresholdOn) {
  told("task", {40, 50});
  EXPECT_THAT(hangs(), SizeIs(1));
  inputs_.threshold_s = 10.1;
  EXPECT_THAT(hangs(), IsEmpty());
}

TEST_F(HangsTest, OnlyLockupsTasksAndStallsOfTheLogAreHangs) {
  double at_s = 10;
  for (const char* kind : {"lockup", "task", "memory-stall"}) {
    log_.boot().hangs.clear();
    told(kind, {at_s, at_s + 15});
    EXPECT_EQ(to_string(only().kind), kind);
    at_s += 20;
  }
  log_.boot().hangs.clear();
  told("silent", {at_s, at_s + 15});
  told("lockup", {});
  EXPECT_THAT(hangs(), IsEmpty());
}

// The guest needs two more seconds to catch up when it is read again.
TEST_F(HangsTest, TimeThatNobodyLookedIsNotCounted) {
  told("lockup", {20, 40});
  inputs_.gaps = {{0, 10}, {25, 33}, {90, 95}};
  EXPECT_THAT(hangs(), SizeIs(1)) << "20 s less 8 s and 2 s";
  inputs_.gaps = {{25, 33.1}};
  EXPECT_THAT(hangs(), IsEmpty());
  inputs_.gaps = {{15, 28}};
  EXPECT_THAT(hangs(), SizeIs(1)) << "10 s of it came before";
  inputs_.gaps = {{15, 28.1}};
  EXPECT_THAT(hangs(), IsEmpty());
}

TEST_F(HangsTest, ATaskThatIsBlockedForMemoryMakesAMemoryStall) {
  stretch(Stop::progress, 20, 50);
  log_.hung_task(30, 41, in_pipe);
  verdict::Hang hang = only();
  EXPECT_EQ(to_string(hang.kind), "reproducer");
  EXPECT_EQ(hang.where, "pipe_read");
  EXPECT_FALSE(hang.cause);
  log_.hung_task(31, 42, in_oom);
  hang = only();
  EXPECT_EQ(to_string(hang.kind), "memory-stall");
  EXPECT_EQ(hang.where, "out_of_memory");
  EXPECT_EQ(to_string(hang.cause), "no-kill");
  EXPECT_THAT(hang.lines.front().text, HasSubstr("hog:42 blocked")) << "its stack is cited";
  inputs_.stretches[0].kind = Stop::pulse;
  EXPECT_EQ(to_string(only().kind), "hard");
}

TEST_F(HangsTest, AKernelWorkerThatIsBlockedMakesNone) {
  stretch(Stop::progress, 20, 50);
  log_.hung_task(30, 41, in_oom);
  log_.boot().hung_tasks[0].comm = "kswapd0";
  EXPECT_EQ(to_string(only().kind), "reproducer");
  EXPECT_THAT(only().lines.front().text, HasSubstr("hog:41 blocked")) << "it is cited all the same";
}

TEST_F(HangsTest, OfALockupTheReportsAreCitedAndNoTask) {
  stretch(Stop::pulse, 20, 50);
  told("lockup", {25});
  log_.hung_task(30, 41, in_pipe);
  const verdict::Hang hang = only();
  ASSERT_THAT(hang.lines, SizeIs(1));
  EXPECT_EQ(hang.lines[0].text, "lockup reported");
  EXPECT_EQ(hang.where, "pipe_read");
}

TEST_F(HangsTest, TwelveLinesAreCitedWithTheStackFirst) {
  stretch(Stop::progress, 20, 50);
  std::vector<double> times;
  for (int i = 0; i < 12; ++i) times.push_back(25 + i);
  told("task", times);
  log_.hung_task(40, 41, {"__schedule", "schedule", "pipe_read", "vfs_read"});
  log_.boot().hangs[0].lines[0] = log_.boot().hung_tasks[0].line;
  const verdict::Hang hang = only();
  ASSERT_THAT(hang.lines, SizeIs(12));
  EXPECT_THAT(hang.lines[0].text, HasSubstr("hog:41 blocked"));
  EXPECT_THAT(hang.lines[1].text, HasSubstr("pipe_read"));
  EXPECT_THAT(hang.lines[2].text, HasSubstr("vfs_read"));
  for (size_t i = 3; i < 12; ++i) EXPECT_EQ(hang.lines[i].text, "task reported") << i;
}

TEST_F(HangsTest, UpToThreeTitlesOfTheKernelsReportsAreNamed) {
  stretch(Stop::pulse, 20, 50);
  report(19.9, "INFO: before");
  report(20, "INFO: a");
  report(22, "INFO: a");
  report(30, "INFO: b");
  log_.boot().crashes.back().type = "BUG";
  report(51, "INFO: c");
  report(51.1, "INFO: after");
  EXPECT_THAT(only().evidence, EndsWith("; the kernel reports INFO: a, INFO: c"));
  log_.boot().crashes[0].line = log_.boot().crashes[1].line;
  log_.boot().crashes[3].type = "HANG";
  EXPECT_THAT(only().evidence, EndsWith("; the kernel reports INFO: before, INFO: a, INFO: b"));
}

// A kill at the beginning whose victim stays, or goes.
TEST_F(HangsTest, AVictimIsStuckUnlessTheLogShowsItGone) {
  stretch(Stop::probe, 20, 60);
  const std::uint64_t line = kill(21);
  EXPECT_EQ(to_string(only().cause), "victim-stuck");
  log::OomEpisode later;
  log::OomTask other;
  other.pid = 50;
  later.tasks = {other};
  later.line = log_.line(40, "invoked oom-killer");
  log_.boot().oom = {later};
  EXPECT_EQ(only().cause, std::nullopt) << "a later list of tasks lacks it";
  log_.boot().oom[0].tasks[0].tgid = 41;
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "a thread of it is listed";
  log_.boot().oom[0].tasks[0] = other;
  log_.boot().oom[0].memcg = "/group";
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "the list is of a group alone";
  log_.boot().oom[0].memcg.reset();
  log_.boot().oom[0].uncertain = true;
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "lines are missing";
  log_.boot().oom[0].uncertain = false;
  log_.boot().oom[0].constraint = "CONSTRAINT_CPUSET";
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "the list is of some nodes";
  log_.boot().oom[0].constraint.reset();
  log_.boot().oom[0].tasks.clear();
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "no list was printed";
  log_.boot().oom[0].tasks = {other};
  log_.boot().oom[0].line = line;
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "the list was printed for this kill";
}

TEST_F(HangsTest, AVictimIsGoneFromTheFirstListThatLacksIt) {
  stretch(Stop::probe, 20, 60);
  kill(21);
  for (const auto& [at_s, pid] : {std::pair(25.0, 41), std::pair(30.0, 50), std::pair(35.0, 41)}) {
    log::OomEpisode episode;
    log::OomTask task;
    task.pid = pid;
    episode.tasks = {task};
    episode.line = log_.line(at_s, "invoked oom-killer");
    log_.boot().oom.push_back(episode);
  }
  EXPECT_EQ(only().cause, std::nullopt) << "the list at 35 s has another process with its PID";
}

TEST_F(HangsTest, AVictimThatIsGoneInTheLastSecondOfAHangWasStuck) {
  stretch(Stop::probe, 20, 60);
  kill(21);
  log::MemAlloc none;
  none.line = log_.line(58.9, "MemAlloc-Info:");
  log_.boot().memalloc = {none};
  EXPECT_EQ(only().cause, std::nullopt) << "the watchdog counts no victim and nothing dying";
  log_.boot().memalloc[0].victim = 1;
  EXPECT_EQ(to_string(only().cause), "victim-stuck");
  log_.boot().memalloc[0].victim = 0;
  log_.boot().memalloc[0].dying = 1;
  EXPECT_EQ(to_string(only().cause), "victim-stuck");
  log_.boot().memalloc[0].dying = 0;
  log_.boot().memalloc[0].line = log_.line(59, "MemAlloc-Info:");
  EXPECT_EQ(to_string(only().cause), "victim-stuck") << "too close to the end";
}

TEST_F(HangsTest, AKillThatSysrqFAskedForIsNoCause) {
  stretch(Stop::probe, 20, 60);
  kill(21);
  kills_[0].sysrq = true;
  EXPECT_EQ(to_string(only().cause), "no-kill");
}

TEST_F(HangsTest, ReportsOfNoHangAreListed) {
  stretch(Stop::pulse, 20, 50);
  report(19.9, "INFO: rcu detected stall in f");
  report(30, "INFO: within");
  report(51, "INFO: as it ends");
  report(51.1, "INFO: task hung in g");
  EXPECT_THAT(titles_without_hang(), ElementsAre("INFO: rcu detected stall in f", "INFO: task hung in g"));
  const auto in = inputs();
  const auto reports = reports_without_hang(in, join_hangs(in));
  EXPECT_EQ(to_string(reports[0].kind), "lockup");
  EXPECT_EQ(to_string(reports[1].kind), "task");
  EXPECT_EQ(reports[1].time_s, 51.1);
  EXPECT_EQ(reports[1].line.text, "INFO: task hung in g");
}

TEST_F(HangsTest, AReportOfALogsHangThatOverlapsTheHangIsPartOfIt) {
  stretch(Stop::pulse, 20, 50);
  told("lockup", {45, 70});
  report(60, "INFO: within the log's hang");
  report(70.1, "INFO: after it");
  EXPECT_THAT(titles_without_hang(), ElementsAre("INFO: after it"));
}

TEST_F(HangsTest, ReportsUntilTwoSecondsAfterOurAbsenceAreExplained) {
  inputs_.gaps = {{30, 40}};
  report(29.9, "INFO: before");
  report(30, "INFO: begins");
  report(42, "INFO: catches up");
  report(42.1, "INFO: after");
  EXPECT_THAT(titles_without_hang(), ElementsAre("INFO: before", "INFO: after"));
}

}  // namespace
}  // namespace hangar::outcome
