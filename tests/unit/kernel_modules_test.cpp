// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/build/modules.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// depmod names all that a module needs, the nearest first.
constexpr const char* dependencies =
    "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/fs/mbcache.ko.xz\n"
    "kernel/fs/jbd2/jbd2.ko.xz:\n"
    "kernel/fs/mbcache.ko.xz:\n"
    "kernel/drivers/virtio/virtio_pci.ko.xz: kernel/drivers/virtio/virtio-pci-lib.ko.xz "
    "kernel/drivers/virtio/virtio.ko.xz\n"
    "kernel/drivers/virtio/virtio-pci-lib.ko.xz: kernel/drivers/virtio/virtio.ko.xz\n"
    "kernel/drivers/virtio/virtio.ko.xz:\n"
    "kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko.xz\n";

TEST(KernelModules, NamesAreSpokenWithUnderscores) {
  EXPECT_EQ(module_name("kernel/drivers/virtio/virtio-pci-lib.ko.zst"), "virtio_pci_lib");
  EXPECT_EQ(module_name("ext4.ko"), "ext4");
}

TEST(KernelModules, LoadsEachOnceAndAfterWhatItNeeds) {
  const auto order = load_order(dependencies, "", {{"virtio_pci"}, {"virtio_blk"}, {"ext4"}});
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_THAT(
      *order,
      ElementsAre("kernel/drivers/virtio/virtio.ko.xz", "kernel/drivers/virtio/virtio-pci-lib.ko.xz",
                  "kernel/drivers/virtio/virtio_pci.ko.xz", "kernel/drivers/block/virtio_blk.ko.xz",
                  "kernel/fs/jbd2/jbd2.ko.xz", "kernel/fs/mbcache.ko.xz", "kernel/fs/ext4/ext4.ko.xz"));
}

TEST(KernelModules, WhatIsBuiltInNeedsNoLoading) {
  const auto order = load_order("", "kernel/drivers/block/virtio-blk.ko\nkernel/fs/ext4/ext4.ko\n",
                                {{"virtio_blk"}, {"ext4"}, {"crc32c_generic", true}});
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_THAT(*order, IsEmpty());
}

TEST(KernelModules, AMissingOneIsNamed) {
  const auto order = load_order(dependencies, "", {{"virtio_console"}});
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().fault, Fault::user);
  EXPECT_THAT(order.error().message, HasSubstr("virtio_console"));
}

TEST(KernelModules, ACircleEnds) {
  const auto order = load_order("a.ko: b.ko\nb.ko: a.ko\n", "", {{"a"}});
  ASSERT_TRUE(order);
  EXPECT_THAT(*order, ElementsAre("b.ko", "a.ko"));
}

}  // namespace
}  // namespace hangar::kernel
