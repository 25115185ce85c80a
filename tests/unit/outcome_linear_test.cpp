// SPDX-License-Identifier: GPL-2.0-only
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/outcome/derive.h"
#include "harness/run/bundle.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/store/serial.h"
#include "tests/unit/linear_time.h"

// A stored run is derived in a time that is linear in its log, whatever the guest wrote.
namespace hangar::outcome {
namespace {

// A run whose console printed `episode` a number of times, 30 s apart: {t} is the time, {n} the number of the
// episode.
class LongRun : public testing::Test {
 protected:
  static constexpr double apart_s = 30;

  void write(int episodes, const std::string& episode) {
    auto made = TempDir::make(testing::TempDir(), "run");
    ASSERT_TRUE(made);
    parent_.emplace(std::move(*made));
    auto directory = store::RunDirectory::create(parent_->path());
    ASSERT_TRUE(directory);
    directory_.emplace(std::move(*directory));
    run::Bundle bundle;
    bundle.hang_threshold = std::chrono::milliseconds(10'000);
    bundle.boot_deadline = std::chrono::milliseconds(60'000);
    ASSERT_TRUE(write_file(directory_->file(run::bundle_file), to_json(bundle)));
    ASSERT_TRUE(store::Recorder::create(directory_->file(store::names::pulse)));
    auto agent = store::Recorder::create(directory_->file(store::names::agent));
    ASSERT_TRUE(agent);
    // The signals end at once: all hangs are from the log.
    ASSERT_TRUE(agent->agent(1, R"({"t":"hello","version":1,"kernel":"6.1.0"})"));
    ASSERT_TRUE(agent->agent(2, R"({"t":"bye"})"));
    auto serial = store::SerialWriter::create(directory_->path());
    ASSERT_TRUE(serial);
    for (int i = 0; i < episodes; ++i) {
      const double at = apart_s * (i + 1);
      const auto text = fmt::format(fmt::runtime(episode), fmt::arg("n", i + 100), fmt::arg("t", at),
                                    fmt::arg("later", at + 15), fmt::arg("end", at + 16));
      ASSERT_TRUE(serial->append(text, at));
    }
    ASSERT_TRUE(serial->finish());
    auto events = store::Recorder::create(directory_->file(store::names::events));
    ASSERT_TRUE(events);
    ASSERT_TRUE(events->event({apart_s * (episodes + 1), "end", "deadline: "}));
  }

  double seconds(int episodes, const std::string& episode) {
    write(episodes, episode);
    return best_of_three([&] { hangs_ = derive_outcome(directory_->path())->hangs.size(); });
  }

  void expect_linear_in(int episodes, const std::string& episode) {
    const double once = seconds(episodes, episode);
    EXPECT_EQ(hangs_, static_cast<std::size_t>(episodes));
    expect_linear(once, seconds(4 * episodes, episode));
    EXPECT_EQ(hangs_, static_cast<std::size_t>(4 * episodes));
  }

  std::optional<TempDir> parent_;
  std::optional<store::RunDirectory> directory_;
  std::size_t hangs_ = 0;
};

// Each stall asks of each victim whether a later list or report lacks it.
TEST_F(LongRun, StallsWithKillsAreLinear) {
  expect_linear_in(
      200,
      "[{t:12.6f}] hog invoked oom-killer: gfp_mask=0x1, order=0\n"
      "[{t:12.6f}] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
      "[{t:12.6f}] [    1]     0     1     4000      100       1        0             0 init\n"
      "[{t:12.6f}] Out of memory: Killed process 1 (init) total-vm:9kB, anon-rss:9kB, file-rss:0kB\n"
      "[{t:12.6f}] MemAlloc-Info: stalling=1 dying=1 victim=1\n"
      "[{later:12.6f}] MemAlloc-Info: stalling=1 dying=1 victim=1\n"
      "[{end:12.6f}] MemAlloc-Info: stalling=0 dying=0 victim=1\n");
}

// Each hang asks who was blocked in it, and whether they moved.
TEST_F(LongRun, StallsWithStacksAreLinear) {
  const std::string stack =
      "[{t:12.6f}] task:hog             state:D stack:0     pid:{n} ppid:1\n[{t:12.6f}] Call Trace:\n"
      "[{t:12.6f}]  schedule+0x1/0x2\n[{t:12.6f}]  alloc_pages+0x1/0x2\n";
  expect_linear_in(200, "[{t:12.6f}] INFO: task hog:{n} blocked for more than 20 seconds.\n" + stack +
                            "[{t:12.6f}] sysrq: Show Blocked State\n" + stack +
                            "[{t:12.6f}] MemAlloc-Info: stalling=1 dying=0 victim=0\n"
                            "[{t:12.6f}] sysrq: Show Blocked State\n" +
                            stack +
                            "[{later:12.6f}] MemAlloc-Info: stalling=1 dying=0 victim=0\n"
                            "[{end:12.6f}] MemAlloc-Info: stalling=0 dying=0 victim=0\n");
}

}  // namespace
}  // namespace hangar::outcome
