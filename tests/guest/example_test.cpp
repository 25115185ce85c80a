// SPDX-License-Identifier: GPL-2.0-only
// An example to copy: boot a kernel, run a reproducer in it, and say with gmock what must have happened.
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::AllOf;
using verdict::HasNoHang;
using verdict::HasOomKills;
using verdict::KilledA;

TEST(Example, OneHogIsKilledAndNothingHangs) {
  // A scenario by name, a kernel spec by name; request.append, .exec and .repeat are there too.
  const run::Request request = request_for("oom-kill", "v6.1");
  const verdict::Outcome outcome = run_once(request).outcome;
  EXPECT_THAT(outcome, AllOf(HasNoHang(), HasOomKills(1u), KilledA("hog")));
}

}  // namespace
}  // namespace hangar::guest_tests
