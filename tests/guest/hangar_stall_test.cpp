// SPDX-License-Identifier: GPL-2.0-only
// The three signals, through a memory-stall made on purpose: the pulse beats on, the probe is stuck.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/guest/signals.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

TEST(Stall, PulseBeatsAndProbeIsStuckThroughIt) {
  // Whether this workload hangs is decided by chance (reproducers/mmap-lock-livelock/README.md); how its
  // signals look when it does is what is tested.
  auto request = request_for(test_scenario("stall"), "");
  request.until_hang = true;
  request.repeat = 5;
  const auto run = run_once(request);
  ASSERT_THAT(run.outcome, verdict::HangsWith("memory-stall", testing::Ge(15.0)));
  const verdict::Hang& hang = *verdict::longest_hang(run.outcome);
  const double end_s = hang.start_s + hang.duration_s;
  std::vector<guest::Beat> beats;
  const auto pulse = store::read_pulse(run.directory / store::names::pulse);
  ASSERT_TRUE(pulse);
  for (const auto& line : *pulse) {
    const auto beat = guest::parse_beat(line.text);
    if (beat && line.host_s > hang.start_s + 0.1 && line.host_s < end_s - 0.1) beats.push_back(*beat);
  }
  // Ten beats a second are sent; a loaded host delays some.
  EXPECT_GT(static_cast<double>(beats.size()), hang.duration_s * 3);
  ASSERT_FALSE(beats.empty());
  EXPECT_EQ(beats.front().probe_done, beats.back().probe_done);
  std::cout << beats.size() << " beats and " << beats.back().probe_done - beats.front().probe_done
            << " probe rounds in a memory-stall of " << hang.duration_s << " s\n";
}

}  // namespace
}  // namespace hangar::guest_tests
