// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/log/infer/builder.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "harness/log/render/summary.h"
#include "tests/places.h"

// The facts of a log are bounded, and what is beyond a cap is counted.
namespace hangar::log {
namespace {

using testing::HasSubstr;

// Facts with at most two of `part`.
class Capped {
 public:
  explicit Capped(Part part) : builder_(caps(part)) { builder_.on(Event{1, std::nullopt, BootStarted{}}); }
  template <typename T>
  Capped& with(T fact) {
    fact.line = ++line_;
    builder_.on(Event{line_, std::nullopt, std::move(fact)});
    return *this;
  }
  Capped& with_body(EventBody body) {
    builder_.on(Event{++line_, std::nullopt, std::move(body)});
    return *this;
  }
  LogFacts facts() { return builder_.take(); }

 private:
  static PartCounts caps(Part part) {
    PartCounts caps = default_caps();
    caps[part] = 2;
    return caps;
  }
  FactsBuilder builder_;
  std::uint64_t line_ = 1;
};

// Three of them: two are kept.
template <typename T>
void check(Part part, const T& fact, std::vector<T> Boot::*list) {
  Capped capped(part);
  for (int i = 0; i < 3; ++i) capped.with(fact);
  const LogFacts facts = capped.facts();
  EXPECT_EQ((facts.boots[0].*list).size(), 2U) << name_of(part);
  EXPECT_EQ(facts.left_out[part], 1U) << name_of(part);
}

TEST(Caps, OfEachList) {
  check(Part::crashes, Crash{}, &Boot::crashes);
  check(Part::oom, OomEpisode{}, &Boot::oom);
  check(Part::memalloc, MemAlloc{}, &Boot::memalloc);
  check(Part::allocation_troubles, AllocTrouble{}, &Boot::alloc_troubles);
  check(Part::sysrq, SysRq{}, &Boot::sysrq);
  check(Part::hung_tasks, HungTask{}, &Boot::hung_tasks);
  check(Part::lockups, Lockup{}, &Boot::lockups);
  check(Part::tasks, TaskStack{}, &Boot::tasks);
  Capped hangs(Part::hangs);
  Capped findings(Part::findings);
  for (int i = 0; i < 3; ++i) {
    hangs.with_body(Hang{});
    findings.with_body(Finding{});
  }
  EXPECT_EQ(hangs.facts().left_out[Part::hangs], 1U);
  EXPECT_EQ(findings.facts().left_out[Part::findings], 1U);
}

TEST(Caps, OfTheListsInAnEpisode) {
  OomEpisode episode;
  episode.kills.resize(3);
  episode.tasks.resize(3);
  episode.zones.resize(3);
  episode.reaped.resize(3);
  const auto left_out = [&](Part part) {
    const LogFacts facts = Capped(part).with(episode).with(episode).facts();
    EXPECT_EQ(facts.boots[0].oom.size(), 2U);
    return facts.left_out[part];
  };
  for (const Part part : {Part::kills, Part::oom_tasks, Part::zones, Part::reaped})
    EXPECT_EQ(left_out(part), 4U);
  const auto facts = Capped(Part::oom_tasks).with(episode).facts();
  EXPECT_TRUE(facts.boots[0].oom[0].uncertain) << "the table is not complete";
  EXPECT_EQ(Capped(Part::oom).with(episode).with(episode).with(episode).facts().left_out[Part::kills], 3U);
}

TEST(Caps, OfTheOtherListsInAReport) {
  MemAlloc report;
  report.tasks.resize(3);
  EXPECT_EQ(Capped(Part::memalloc_tasks).with(report).facts().left_out[Part::memalloc_tasks], 1U);
  TaskStack stack;
  stack.frames.resize(3);
  const auto facts = Capped(Part::frames).with(stack).facts();
  EXPECT_EQ(facts.left_out[Part::frames], 3U);
  EXPECT_EQ(facts.left_out[Part::tasks], 1U) << "a stack is whole or not there";
  SysRq action;
  action.line = 2;
  action.locks.resize(3);
  action.zones.resize(3);
  for (const Part part : {Part::locks, Part::zones}) {
    Capped capped(part);
    capped.with(SysRq{});
    EXPECT_EQ(capped.with_body(SysRqOutput{action}).facts().left_out[part], 1U);
  }
}

// Of a boot beyond the cap nothing is kept, and everything is counted.
TEST(Caps, OfBoots) {
  Capped capped(Part::boots);
  capped.with_body(BootStarted{})
      .with(Crash{})
      .with_body(BootStarted{})
      .with(Crash{})
      .with_body(Panic{"late"});
  const auto facts = capped.facts();
  ASSERT_EQ(facts.boots.size(), 2U);
  EXPECT_EQ(facts.boots[1].crashes.size(), 1U);
  EXPECT_FALSE(facts.boots[1].panic);
  EXPECT_EQ(facts.left_out[Part::boots], 1U);
  EXPECT_EQ(facts.left_out[Part::crashes], 1U);
}

// What the engine leaves out of a log, by its events.
PartCounts left_out_of(const std::string& text) {
  PartCounts all;
  Engine engine([&](Event&& event) {
    if (const auto* left = std::get_if<LeftOut>(&event.body)) all[left->part] += left->count;
  });
  engine.feed(text);
  engine.finish();
  return all;
}

std::string lines(const std::string& head, std::size_t count, const std::string& pattern) {
  std::string text = "[   10.000000] " + head + "\n";
  for (std::size_t i = 0; i < count; ++i)
    text += "[   10.000001] " + fmt::format(fmt::runtime(pattern), fmt::arg("n", i + 1)) + "\n";
  return text;
}

std::string kills(std::size_t count) {
  return lines("a", count,
               "Out of memory: Killed process {n} (hog) total-vm:9kB, anon-rss:3kB, file-rss:0kB");
}

TEST(Caps, OfTheParsers) {
  const std::string table = "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name";
  EXPECT_EQ(left_out_of(lines(table, 65540, "[{n}] 0 {n} 1 1 1 0 0 a"))[Part::oom_tasks], 4U);
  EXPECT_EQ(left_out_of(
                lines("hog invoked oom-killer: order=0", 4100, "Node 0 DMA free:{n}kB min:1kB"))[Part::zones],
            4U);
  const auto reaps = lines("a", 4100, "oom_reaper: reaped process {n} (hog), now anon-rss:0kB");
  EXPECT_EQ(left_out_of(reaps)[Part::reaped], 4U);
  const auto stalled = lines("MemAlloc-Info: stalling=9 dying=0 victim=0", 65540, "MemAlloc: hog({n}) seq=1");
  EXPECT_EQ(left_out_of(stalled)[Part::memalloc_tasks], 4U);
  EXPECT_EQ(left_out_of(lines("sysrq: Show Memory", 4100, "Node 0 DMA free:{n}kB"))[Part::zones], 4U);
  EXPECT_EQ(left_out_of(lines("sysrq: Show Locks Held", 4100, "1 lock held by hog/{n}:"))[Part::locks], 4U);
  EXPECT_EQ(left_out_of(lines("Call Trace:", 515, " shrink_node+0x{n}/0x9999"))[Part::frames], 3U);
  EXPECT_EQ(left_out_of(lines("BUG: unable to handle page fault", 5000, "line {n}"))[Part::long_reports], 1U);
  EXPECT_EQ(left_out_of(std::string(70'000, 'x') + "\n" + std::string(80'000, 'y'))[Part::long_lines], 2U);
}

TEST(Caps, OfTheTrackers) {
  EXPECT_EQ(left_out_of(kills(300))[Part::followed_kills], 2 * 44U) << "by findings and by hangs";
  EXPECT_EQ(left_out_of(kills(1010))[Part::findings], 10U);
  const auto hung = lines("a", 300, "INFO: task hog:{n} blocked for more than 120 seconds.");
  EXPECT_EQ(left_out_of(hung)[Part::cited_lines], 44U);
  const auto facts = analyse(hung);
  EXPECT_EQ(facts.boots[0].hangs.at(0).lines.back(), 301U) << "the last line stays";
  const auto stacks =
      lines("sysrq: Show State", 20'010, "task:hog             state:D stack:0     pid:{n} ppid:1");
  EXPECT_EQ(left_out_of(stacks)[Part::followed_tasks], 10U);
}

// A victim that the cause of a stall may rest on is forgotten: the cause is not known.
TEST(Caps, CauseIsUnknownWhereKillsAreForgotten) {
  const auto cause = [](std::size_t count) {
    const auto facts =
        analyse("[    9.000000] MemAlloc-Info: stalling=1 dying=0 victim=0\n" + kills(count) +
                "[   40.000000] MemAlloc-Info: stalling=1 dying=1 victim=1\n[   41.000000] x\n");
    return facts.boots[0].hangs.at(0).cause;
  };
  EXPECT_EQ(to_string(cause(200)), "victim-stuck");
  EXPECT_EQ(cause(300), std::nullopt);
}

TEST(Caps, ReachedOnesAreReported) {
  const std::string text = kills(300);
  Summary summary;
  Engine engine([&](Event&& event) { summary.on(event); });
  engine.feed(text);
  engine.finish();
  EXPECT_THAT(summary.text(80), HasSubstr("limits reached, left out: 88 kills not taken into account"));
  const auto json = nlohmann::json::parse(to_json(analyse(text), {"x", Compression::none}));
  EXPECT_EQ(json["left_out"]["followed_kills"], 88);
  EXPECT_EQ(json["left_out"]["boots"], 0);
  EXPECT_EQ(to_json(Event{7, std::nullopt, LeftOut{Part::kills, 3}}),
            R"({"event":"left_out","part":"kills","count":3,"line":7,"time_s":null})");
}

TEST(Caps, OurOwnLogsReachNone) {
  const auto root = std::filesystem::path(places::source) / "tests/data/log";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_FALSE(analyse(*read_file(entry.path())).left_out.any()) << entry.path();
  }
}

// A finding is as uncertain with a gap between its lines that is forgotten as with one that is known.
TEST(Caps, ForgottenGapsMakeFindingsLessCertain) {
  const std::string report = "[   10.000000] MemAlloc-Info: stalling=5 dying=4 victim=1\n";
  const std::string gap = "** 1 printk messages dropped **\n";
  const auto certainty = [&](const std::string& between) {
    std::string text = report + between + report;
    for (int i = 0; i < 20'000; ++i) text += gap;
    const LogFacts facts = analyse(text);
    for (const auto& finding : facts.boots[0].findings) {
      if (finding.id == "dying-tasks-in-allocator") return finding.certainty;
    }
    return Certainty::certain;
  };
  EXPECT_EQ(certainty("[   10.000000] a line\n"), Certainty::probable);
  EXPECT_EQ(certainty(gap), Certainty::possible);
}

}  // namespace
}  // namespace hangar::log
