// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/outcome/derive.h"
#include "harness/run/bundle.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/store/serial.h"

namespace hangar::outcome {

// A run directory as a worker would have left it: hello at 2 s, the reproducer at 2.1 s, beats each 0.1 s.
class StoredRun : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "run");
    ASSERT_TRUE(made);
    parent_.emplace(std::move(*made));
    auto directory = store::RunDirectory::create(parent_->path());
    ASSERT_TRUE(directory) << directory.error().message;
    directory_.emplace(std::move(*directory));
    run::Bundle bundle;
    bundle.hang_threshold = std::chrono::milliseconds(10000);
    bundle.boot_deadline = std::chrono::milliseconds(60000);
    bundle.argv = {"/repro/bin/memcg-oom", "--group", "1"};
    ASSERT_TRUE(write_file(directory_->file(run::bundle_file), to_json(bundle)));
    serial_.emplace(*store::SerialWriter::create(directory_->path()));
    agent_.emplace(*store::Recorder::create(directory_->file(store::names::agent)));
    pulse_.emplace(*store::Recorder::create(directory_->file(store::names::pulse)));
    events_.emplace(*store::Recorder::create(directory_->file(store::names::events)));
  }

  void say(double host_s, const std::string& agent_line) { ASSERT_TRUE(agent_->agent(host_s, agent_line)); }
  void console(double host_s, const std::string& line) { ASSERT_TRUE(serial_->append(line + "\n", host_s)); }
  void event(double host_s, const std::string& name, const std::string& detail) {
    ASSERT_TRUE(events_->event({host_s, name, detail}));
  }
  void hello() {
    console(0.5, "[    0.000000] Linux version 6.1.0 (gcc) #1 SMP");
    console(1.9, "[    1.400000] Run /init as init process");
    say(2.0, R"({"t":"hello","version":1,"kernel":"6.1.0"})");
    say(2.1, R"({"t":"started","pid":40})");
  }
  void beats(double from, double until, bool probe) {
    for (double at = from; at < until; at += 0.1) {
      if (probe) ++probe_done_;
      ASSERT_TRUE(pulse_->pulse(at, fmt::format("P {} {} {} {} r -", ++seq_, static_cast<int>(at * 1000),
                                                probe_done_, probe_done_)));
    }
  }
  // What the kernel prints of hog (41), which sleeps in the OOM killer.
  void blocked_stack(double at) {
    const auto line = [&](const std::string& text) { console(at, fmt::format("[{:12.6f}] {}", at, text)); };
    line("task:hog             state:D stack:0     pid:41    ppid:37     flags:0x00000000");
    line("Call Trace:");
    line(" <TASK>");
    line(" __schedule+0x3a4/0xb80");
    line(" schedule+0x5e/0xd0");
    line(" msleep+0x2d/0x40");
    line(" out_of_memory+0x2f1/0x4f0");
    line(" __alloc_pages+0xba1/0xcb0");
    line(" __handle_mm_fault+0x9a4/0x1050");
    line(" </TASK>");
  }
  void hung_task(double at) {
    console(at, fmt::format("[{:12.6f}] INFO: task hog:41 blocked for more than 10 seconds.", at));
    console(at, fmt::format("[{:12.6f}]       Not tainted 6.1.0 #1", at));
    blocked_stack(at);
  }
  verdict::Outcome derive() {
    EXPECT_TRUE(serial_->finish());
    auto outcome = derive_outcome(directory_->path());
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : verdict::Outcome();
  }

  std::optional<TempDir> parent_;
  std::optional<store::RunDirectory> directory_;
  std::optional<store::SerialWriter> serial_;
  std::optional<store::Recorder> agent_;
  std::optional<store::Recorder> pulse_;
  std::optional<store::Recorder> events_;
  int seq_ = 0;
  int probe_done_ = 0;
};

inline const std::string kill_line =
    "Out of memory: Killed process 42 (a.out) total-vm:952kB, anon-rss:52kB, file-rss:0kB, shmem-rss:8kB, "
    "UID:0 pgtables:36kB oom_score_adj:0";

}  // namespace hangar::outcome
