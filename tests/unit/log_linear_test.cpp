// SPDX-License-Identifier: GPL-2.0-only
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/log/infer/engine.h"
#include "harness/log/infer/read.h"
#include "tests/unit/linear_time.h"

// Time is linear in the log, whatever the guest writes.
namespace hangar::log {
namespace {

using hangar::expect_linear;
using Make = std::function<std::string(std::size_t lines)>;

std::string repeat(std::size_t count, const std::string& pattern) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format(fmt::runtime(pattern), fmt::arg("n", i % 4'000'000 + 1), fmt::arg("s", i / 1000),
                        fmt::arg("us", i % 1000));
  }
  return text;
}

void expect_linear(std::size_t lines, const Make& make) {
  const auto seconds = [](const std::string& text) { return best_of_three([&] { (void)analyse(text); }); };
  expect_linear(seconds(make(lines)), seconds(make(4 * lines)));
}

void expect_linear(std::size_t lines, const std::string& pattern) {
  expect_linear(lines, [&](std::size_t count) { return repeat(count, pattern); });
}

constexpr const char* kill =
    "[{s:5}.{us:06}] Out of memory: Killed process {n} (hog) total-vm:9kB, anon-rss:3kB, file-rss:0kB\n";

TEST(Caps, KillsAreLinear) {
  expect_linear(20'000, kill);
}

// Each table asks which of the earlier victims it still lists.
TEST(Caps, KillsWithTablesAreLinear) {
  expect_linear(
      4000,
      std::string(
          "[{s:5}.{us:06}] hog invoked oom-killer: gfp_mask=0x1, order=0\n"
          "[{s:5}.{us:06}] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
          "[{s:5}.{us:06}] [    1]     0     1     4000      100       1        0             0 init\n") +
          "[{s:5}.{us:06}] Out of memory: Killed process 1 (init) total-vm:9kB, anon-rss:9999kB, "
          "file-rss:0kB\n");
}

TEST(Caps, KillsBetweenMemAllocReportsAreLinear) {
  expect_linear(5000, std::string(kill) + "[{s:5}.{us:06}] MemAlloc-Info: stalling=1 dying=0 victim=0\n");
}

TEST(Caps, AlternatingBootsAreLinear) {
  expect_linear(5000, "[    0.000000] Linux version 6.1.0 (gcc)\n[   50.000000] late\n");
}

TEST(Caps, EmptyLinesAreLinear) {
  expect_linear(500'000, [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "\r\n";
    return text;
  });
}

TEST(Caps, OneLongLineIsLinear) {
  const std::string chunk(1 << 20, 'x');
  const auto seconds = [&](int chunks) {
    return best_of_three([&] {
      Engine engine([](Event&&) {});
      for (int i = 0; i < chunks; ++i) engine.feed(chunk);
      engine.finish();
    });
  };
  expect_linear(seconds(50), seconds(200));
  expect_linear(2000,
                [](std::size_t count) { return repeat(count, "[    1.0 [[[   2.000000] x [   1.5 <\n"); });
}

TEST(Caps, ManyNamesAreLinear) {
  expect_linear(5000,
                "[{s:5}.{us:06}] task:hog{n}             state:D stack:0     pid:{n} ppid:1\n"
                "[{s:5}.{us:06}] Call Trace:\n[{s:5}.{us:06}]  wait{n}+0x1/0x2\n");
  expect_linear(10'000, "[{s:5}.{us:06}] INFO: task hog{n}:{n} blocked for more than 120 seconds.\n");
}

TEST(Caps, DumpsOfAllTasksAreLinear) {
  expect_linear(10'000, [](std::size_t count) {
    return "[    1.000000] sysrq: Show State\n" +
           repeat(count,
                  "[    1.{us:06}] task:hog             state:D stack:0     pid:{n} ppid:1\n"
                  "[    1.{us:06}] Call Trace:\n[    1.{us:06}]  schedule+0x1/0x2\n[    1.{us:06}]  "
                  "alloc_pages+0x1/0x2\n");
  });
}

// Each row asks whether the open report is complete.
TEST(Caps, ReportsFullOfRowsAreLinear) {
  expect_linear(2000, "[    1.{us:06}] WARNING: CPU: {n} PID: 1 at mm/a.c:1 f+0x1/0x2\n");
  expect_linear(2000,
                "[    1.{us:06}] BUG: unable to handle page fault for address: {n}\n[    1.{us:06}] sysrq: "
                "Show Memory\n");
}

TEST(Caps, SysRqOutputsAreLinear) {
  expect_linear(5000, "[{s:5}.{us:06}] sysrq: Show Memory\n[{s:5}.{us:06}] Node 0 DMA free:{n}kB min:1kB\n");
}

}  // namespace
}  // namespace hangar::log
