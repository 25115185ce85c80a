// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/build/build_order.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;

Spec spec(const std::string& source, std::vector<std::string> config, std::vector<std::string> patches) {
  Spec spec;
  spec.source.what = source;
  spec.config = std::move(config);
  spec.patches = std::move(patches);
  return spec;
}

TEST(KernelBuildOrder, GoesFromNearToNear) {
  const std::vector<Spec> specs = {
      spec("6.1", {"base", "kasan"}, {"a"}),   // 0: another configuration
      spec("6.12", {"base"}, {}),              // 1: another source
      spec("6.1", {"base"}, {"a", "b", "c"}),  // 2
      spec("6.1", {"base"}, {"a"}),            // 3
      spec("6.1", {"base"}, {}),               // 4
  };
  EXPECT_THAT(build_order(specs), ElementsAre(1, 4, 3, 2, 0));
}

TEST(KernelBuildOrder, TheSameKernelIsNear) {
  EXPECT_EQ(build_distance(spec("6.1", {"base"}, {"a"}), spec("6.1", {"base"}, {"a"})), 0u);
  EXPECT_LT(build_distance(spec("6.1", {"base"}, {"a"}), spec("6.1", {"base"}, {})),
            build_distance(spec("6.1", {"base"}, {"a"}), spec("6.1", {"base", "slab"}, {"a"})));
  EXPECT_LT(build_distance(spec("6.1", {"base"}, {}), spec("6.1", {"base", "slab"}, {})),
            build_distance(spec("6.1", {"base"}, {}), spec("6.1", {"base", "slab", "kasan"}, {})));
}

TEST(KernelBuildOrder, NothingHasNoOrder) {
  EXPECT_THAT(build_order({}), ElementsAre());
}

}  // namespace
}  // namespace hangar::kernel
