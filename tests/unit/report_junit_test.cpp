// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/report/junit.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using testing::HasSubstr;
using testing::Not;

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(JUnit, OneHangInTenFailsItsRunAndTheCell) {
  const std::string text = to_junit(report_examples::once_in_ten());
  EXPECT_THAT(text, HasSubstr("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
  EXPECT_THAT(text, HasSubstr("tests=\"11\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"200.000\""));
  EXPECT_EQ(count(text, "<testcase "), 11U);
  EXPECT_EQ(count(text, "<failure type=\"hang\" message=\"memory-stall of at least 30.0 s"), 2U);
  EXPECT_THAT(text, HasSubstr("name=\"cell\" classname=\"oom-kill.v6_1\""));
  EXPECT_THAT(text, HasSubstr("<property name=\"hang_rate\" value=\"1 of 10 runs (95% interval"));
}

TEST(JUnit, VerdictsHaveTheirElements) {
  const std::string text = to_junit(report_examples::each_verdict());
  EXPECT_EQ(count(text, "<failure type=\"inconclusive\""), 4U);
  EXPECT_EQ(count(text, "<error type=\"infra-error\""), 2U);
  EXPECT_EQ(count(text, "<failure"), 4U);
  EXPECT_EQ(count(text, "<skipped"), 0U);
  EXPECT_THAT(text,
              HasSubstr("<property name=\"hang\" value=\"memory-stall of at least 30.0 s from 3.0 s\""));
}

TEST(JUnit, TimestampsHaveNoZone) {
  EXPECT_THAT(to_junit(report_examples::once_in_ten()), HasSubstr("timestamp=\"2026-11-01T00:00:00\""));
}

TEST(JUnit, HostileTextStaysInItsPlace) {
  const std::string text = to_junit(report_examples::hostile());
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_THAT(text, Not(HasSubstr("&#")));
  EXPECT_THAT(text, Not(HasSubstr("\xef\xbf\xbe")));
  EXPECT_THAT(text, Not(HasSubstr("\xef\xbf\xbf")));
  EXPECT_EQ(count(text, "<skipped"), 1U) << "that of the program's result";
  EXPECT_THAT(text, Not(HasSubstr("<!--")));
  EXPECT_THAT(text, Not(HasSubstr("[[ATTACHMENT")));
  EXPECT_THAT(text, HasSubstr("]]&gt;&lt;/failure&gt;&lt;skipped/&gt;--&gt;&lt;!-- &amp;amp;"));
  EXPECT_THAT(text, HasSubstr("\xc3\xa9\\x00end")) << "what is valid stays";
  EXPECT_EQ(count(text, "<testcase "), 4U);
}

}  // namespace
}  // namespace hangar::report
