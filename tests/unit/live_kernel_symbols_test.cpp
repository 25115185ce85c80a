// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <link.h>

#include "harness/live/kernel_symbols.h"

extern "C" int hangar_test_landmark(int value);
int hangar_test_landmark(int value) {
  return value * 3 + 1;
}

namespace hangar::live {
namespace {

// Where this program was loaded: its addresses are not as linked.
std::uint64_t load_address() {
  std::uint64_t base = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* into) {
        *static_cast<std::uint64_t*>(into) = info->dlpi_addr;
        return 1;
      },
      &base);
  return base;
}

TEST(KernelSymbols, NamesAnAddressInThisProgram) {
  const auto symbols = KernelSymbols::load("/proc/self/exe");
  ASSERT_TRUE(symbols) << symbols.error().message;
  const auto address = reinterpret_cast<std::uint64_t>(&hangar_test_landmark) - load_address();
  EXPECT_EQ(symbols->name(address), "hangar_test_landmark+0x0");
  EXPECT_EQ(symbols->name(address + 1), "hangar_test_landmark+0x1");
  EXPECT_TRUE(symbols->has("hangar_test_landmark"));
  EXPECT_EQ(symbols->name(0xffffffffffffffff), "0xffffffffffffffff");
}

TEST(KernelSymbols, WithoutATableAddressesStayNumbers) {
  EXPECT_FALSE(KernelSymbols::load("/proc/self/cmdline"));
  EXPECT_FALSE(KernelSymbols::load("/no/such/file"));
  EXPECT_EQ(KernelSymbols().name(0x1234), "0x1234");
}

}  // namespace
}  // namespace hangar::live
