// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/live/host_sampler.h"

namespace hangar::live {
namespace {

using testing::DoubleNear;

// Two seconds of another host: its guests, ours among them, and other programs use its CPUs.
TEST(HostSampler, CpuTimeOfLibvirtIsThatOfProc) {
  vm::HostUse before;
  before.guests = {{"hangar-b", 5'000'000'000}};
  vm::HostUse after;
  after.busy_ns = 4'000'000'000;
  after.own_ns = 2'000'000'000;
  after.guests = {{"hangar-b", 6'000'000'000}};
  before.vcpu_wait_ns = {{0, 0}, {1, 0}};
  after.vcpu_wait_ns = {{0, 100}, {1, 500'000'000}};
  const outcome::HostLoad load = outcome::compare(counters_of(before), counters_of(after), 0, 2);
  EXPECT_THAT(*load.vcpu_wait, DoubleNear(0.25, 1e-9));
  EXPECT_THAT(*load.guest_cpus, DoubleNear(0.5, 1e-9));
  EXPECT_THAT(*load.foreign_cpus, DoubleNear(0.5, 1e-9));
  EXPECT_EQ(load.other_guests, 1);
  EXPECT_FALSE(load.steal);
}

}  // namespace
}  // namespace hangar::live
