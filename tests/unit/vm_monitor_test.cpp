// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/vm/monitor.h"

namespace hangar::vm {
namespace {

// Cut from what QEMU 7.2 printed for a guest with two CPUs, one in user mode and one halted.
constexpr auto two_cpus = R"(
CPU#0
RAX=0000000000000001 RBX=0000000000000000 RCX=0000000000000000 RDX=0000000000000040
RIP=0000000000401de2 RFL=00000203 [------C] CPL=3 II=0 A20=1 SMM=0 HLT=0
ES =0000 0000000000000000 ffffffff 00c00000

CPU#1
RAX=0000000000000000 RBX=ffff888001234000 RCX=0000000000000001 RDX=0000000000000000
RIP=ffffffff8102418e RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
)";

TEST(ParseRegisters, OneSampleForEachCpu) {
  const auto samples = parse_registers(two_cpus);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].index, 0);
  EXPECT_EQ(samples[0].rip, 0x401de2U);
  EXPECT_TRUE(samples[0].user_mode);
  EXPECT_FALSE(samples[0].halted);
  EXPECT_TRUE(samples[0].interrupts_enabled);
  EXPECT_EQ(samples[1].index, 1);
  EXPECT_EQ(samples[1].rip, 0xffffffff8102418eU);
  EXPECT_FALSE(samples[1].user_mode);
  EXPECT_TRUE(samples[1].halted);
}

TEST(ParseRegisters, InterruptsOff) {
  const auto samples = parse_registers("CPU#0\nRIP=ffffffff81000000 RFL=00000046 CPL=0 HLT=0");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_FALSE(samples[0].interrupts_enabled);
}

TEST(ParseRegisters, RealModeHasEip) {
  const auto samples = parse_registers("CPU#0\nEAX=1\nEIP=0000fff0 EFL=00000002 CPL=0 HLT=0");
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].rip, 0xfff0U);
}

// A sample names a CPU and an address, or it is none.
TEST(Bounds, Registers) {
  const auto samples = [](const std::string& cpu, const std::string& register_and_value) {
    return parse_registers("CPU#" + cpu + "\n" + register_and_value + " EFL=00000002").size();
  };
  EXPECT_EQ(samples("8191", "RIP=ffffffffffffffff"), 1U);
  for (const char* cpu : {"8192", "-1", "4294967296", "99999999999999999999"})
    EXPECT_EQ(samples(cpu, "RIP=1"), 0U) << cpu;
  EXPECT_EQ(samples("0", "EIP=ffffffff"), 1U);
  EXPECT_EQ(samples("0", "EIP=100000000"), 0U);
  for (const char* address : {"10000000000000000", "-1", ""})
    EXPECT_EQ(samples("0", std::string("RIP=") + address), 0U) << address;
}

TEST(ParseRegisters, CutAnywhereNeverInventsACpu) {
  const std::string_view text = two_cpus;
  for (size_t end = 0; end < text.size(); ++end) EXPECT_LE(parse_registers(text.substr(0, end)).size(), 2U);
  EXPECT_TRUE(parse_registers("no such command").empty());
  EXPECT_TRUE(parse_registers("CPU#x\nRIP=zz").empty());
}

TEST(JsonString, OnlyStringsOfObjects) {
  EXPECT_EQ(json_string(R"({"reason":"guest-reset","guest":true})", "reason"), "guest-reset");
  EXPECT_EQ(json_string(R"({"reason":1})", "reason"), "");
  EXPECT_EQ(json_string("[1]", "reason"), "");
  EXPECT_EQ(json_string("{", "reason"), "");
}

}  // namespace
}  // namespace hangar::vm
