// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/compare/current_rows.h"

namespace hangar::compare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Row row_of(const std::string& kernel, const std::string& digest) {
  Row row;
  row.kernel = kernel;
  row.kernel_digest = digest;
  return row;
}

TEST(CurrentRows, ThoseOfAnotherBuildOfATreeAreIgnored) {
  const auto current =
      current_rows({row_of("./linux", "aaaa"), row_of("./linux", "bbbb"), row_of("./linux", ""),
                    row_of("v6.1", "cccc"), row_of("./bzImage", "dddd")},
                   {{"./linux", "bbbbbbbb"}, {"./bzImage", "dddddddd"}});
  ASSERT_THAT(current.rows, SizeIs(3));
  EXPECT_EQ(current.rows[0].kernel_digest, "bbbb");
  EXPECT_EQ(current.rows[1].kernel, "v6.1");
  EXPECT_EQ(current.ignored, 2);
  EXPECT_THAT(current.notes, ElementsAre("2 rows are of another build of ./linux and are ignored"));
}

TEST(CurrentRows, TreeThatIsNotBuiltYetHasNone) {
  const auto current = current_rows({row_of("./linux", "aaaa")}, {{"./linux", ""}});
  EXPECT_THAT(current.rows, IsEmpty());
  EXPECT_THAT(current.notes, ElementsAre("1 row is of another build of ./linux and is ignored"));
}

// Pages are made from committed rows where none of the kernels was ever built.
TEST(CurrentRows, NamedReleasesKeepAllTheirs) {
  const auto current = current_rows({row_of("v6.1", "aaaa"), row_of("v6.1", "bbbb")}, {});
  EXPECT_THAT(current.rows, SizeIs(2));
  EXPECT_THAT(current.notes, IsEmpty());
}

}  // namespace
}  // namespace hangar::compare
