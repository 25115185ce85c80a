// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/vm/host_tsc.h"

namespace hangar::vm {
namespace {

TEST(HostTsc, IsAPlausibleFrequencyThatDoesNotChange) {
  const unsigned mhz = host_tsc_mhz();
  if (mhz == 0) GTEST_SKIP() << "no TSC on this host";
  EXPECT_GT(mhz, 500u);
  EXPECT_LT(mhz, 10000u);
  EXPECT_EQ(host_tsc_mhz(), mhz);
}

TEST(HostTsc, TheArgumentIsInKilohertz) {
  if (host_tsc_mhz() == 0) GTEST_SKIP() << "no TSC on this host";
  EXPECT_EQ(tcg_clock_argument(), " tsc_early_khz=" + std::to_string(host_tsc_mhz()) + "000");
}

}  // namespace
}  // namespace hangar::vm
