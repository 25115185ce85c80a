// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/image/debian_lock.h"

namespace hangar::image {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(DebianLock, ComesBackAsItWasWritten) {
  const DebianLock lock{{"python3", "stress-ng"}, {{"bash", "5.2-1"}, {"stress-ng", "0.15.06-2"}}};
  const auto read = parse_lock(to_text(lock));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->packages, lock.packages);
  EXPECT_EQ(read->versions, lock.versions);
}

TEST(DebianLock, OtherLinesAreErrorsWithTheirNumber) {
  for (const char* text : {"a\n", "a b c\n", "a \n", " a\n", "a \x1b[31m\n"}) {
    const auto lock = parse_lock(std::string("# packages: x\n") + text);
    ASSERT_FALSE(lock) << text;
    EXPECT_THAT(lock.error().message, HasSubstr("line 2"));
  }
}

TEST(DebianLock, OnlyInstalledPackagesOfDpkgsListCount) {
  const auto versions = parse_status(
      "Package: a\nStatus: install ok installed\nVersion: 1:2-3\nDescription: x\n Version: 9\n\n"
      "Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n"
      "Package: c\nVersion: 4\nStatus: install ok installed\n");
  EXPECT_THAT(versions, ElementsAre(Pair("a", "1:2-3"), Pair("c", "4")));
  EXPECT_THAT(parse_status(""), IsEmpty());
  EXPECT_THAT(parse_status("\n\n\n\n"), IsEmpty());
}

TEST(DebianLock, EachVersionBecomesAPreference) {
  EXPECT_EQ(preferences({{"a", "1-2"}}), "Package: a\nPin: version 1-2\nPin-Priority: 1001\n\n");
}

TEST(DebianLock, ChangesAreListed) {
  const Versions before = {{"a", "1"}, {"b", "1"}, {"c", "1"}};
  EXPECT_THAT(differences(before, before), IsEmpty());
  EXPECT_THAT(differences(before, {{"a", "1"}, {"b", "2"}, {"d", "1"}}),
              ElementsAre("b 1 is now 2", "c 1 is no longer installed", "d 1 is new"));
}

}  // namespace
}  // namespace hangar::image
