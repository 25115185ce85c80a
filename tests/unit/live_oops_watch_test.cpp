// SPDX-License-Identifier: GPL-2.0-only
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live/oops_watch.h"

namespace hangar::live {
namespace {

bool seen_in(std::string_view text, size_t piece) {
  OopsWatch watch;
  for (size_t at = 0; at < text.size(); at += piece) watch.feed(text.substr(at, piece));
  return watch.seen();
}

TEST(OopsWatch, SeesEveryWayOfDyingInWhateverPieces) {
  for (const std::string_view text : {
           "[    2.6] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
           "[    2.6] Oops: 0002 [#1] PREEMPT SMP NOPTI\n",
           "[    2.6] kernel BUG at mm/page_alloc.c:4475!\n[    2.6] invalid opcode: 0000 [#12] SMP\n",
           "[    2.6] general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP\n",
           "[    2.6] Oops: Oops: 0000 [#1] SMP NOPTI\n",
       }) {
    for (size_t piece = 1; piece <= text.size(); ++piece) EXPECT_TRUE(seen_in(text, piece)) << text << piece;
  }
}

TEST(OopsWatch, WarningsAndOtherReportsLeaveTheGuestAlive) {
  constexpr std::string_view warning =
      "[    2.6] WARNING: CPU: 0 PID: 39 at mm/page_alloc.c:4471 __alloc_pages+0xa61\n"
      "[    2.6] ---[ end trace 0000000000000000 ]---\n";
  const std::vector<std::string_view> texts = {
      warning,
      "[    2.6] BUG: sleeping function called from invalid context at mm/slab.h:268\n",
      "[    2.6] bug report [#1]: none\n",
      "[    2.6] Oops: 0002 [#] SMP\n[    2.6] Oops: 0002 [#1",
      "0002 [#1]",
      "",
  };
  for (const std::string_view text : texts) {
    for (const size_t piece : {1, 7, 1000}) EXPECT_FALSE(seen_in(text, piece)) << text;
  }
}

}  // namespace
}  // namespace hangar::live
