// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/nightly/night_page.h"
#include "tests/unit/nightly_jobs.h"

namespace hangar::nightly {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class NightPage : public NightlyJob {
 protected:
  // The night on which a regression is found. Another target is gone, another scenario is suspected only.
  Report busy_night() {
    file.follow.push_back({TargetKind::git, "next", "linux", "gone", ""});
    rate = [](const Series& series, int commit) {
      return series.scenario == "hog" && commit >= 38 ? 0.8 : 0.0;
    };
    for (int number = 1; number <= 9; ++number) EXPECT_TRUE(night(number));
    lab->fetch_fails = {"next"};
    auto report = night(10);
    EXPECT_TRUE(report);
    return report ? std::move(*report) : Report();
  }
};

TEST_F(NightPage, NewFindingsComeFirst) {
  const std::string text = night_text(busy_night());
  SCOPED_TRACE(text);
  const auto at = [&](const char* title) { return text.find(title); };
  EXPECT_THAT(text, HasSubstr(" of 6 h 0 min\nincomplete: 1 new, 0 open, 0 suspected, 2 not"));
  EXPECT_LT(at("\nNew\n"), at("\nNot tested\n"));
  EXPECT_LT(at("\nNot tested\n"), at("\nTargets\n"));
  EXPECT_THAT(text, HasSubstr("n10-1  tree/hog fails or hangs more often"));
  EXPECT_THAT(text, HasSubstr("culprit: 38 mm: change (verified, bisection n10-1/bisect)"));
  EXPECT_THAT(text, HasSubstr("hangar run hog --kernel tree@40 --repeat 10"));
  EXPECT_THAT(text, HasSubstr("does not exist in linux: next/hog,\n  next/swap"));
  EXPECT_THAT(text, HasSubstr("0/5 0/5 0/5"));
}

TEST_F(NightPage, LinesHave72Columns) {
  const std::string text = night_text(busy_night());
  for (const std::string_view line : split(text, '\n')) {
    if (line.find("hangar run") != std::string_view::npos) continue;
    EXPECT_LE(line.size(), 72u) << line;
  }
}

TEST_F(NightPage, TheReportsAreOnTheDisk) {
  const Report report = busy_night();
  const auto text = read_file(file.reports / "night-10.txt");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("tree/hog fails or hangs more often"));
  const auto json = read_json(file.reports / "night-10.json");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["schema"], "hangar.nightly/1");
  EXPECT_EQ((*json)["result"], "incomplete");
  ASSERT_EQ((*json)["found"].size(), 1u);
  EXPECT_EQ((*json)["found"][0]["change"], "more");
  EXPECT_EQ((*json)["found"][0]["bisection"]["culprit"], "38");
  EXPECT_EQ((*json)["found"][0]["text"], "sent");
  EXPECT_GT((*json)["found"][0]["low"], 0);
  EXPECT_EQ((*json)["not_tested"].size(), 2u);
}

TEST_F(NightPage, TheNextNightHasItAsOpen) {
  (void)busy_night();
  const auto report = night(11);
  ASSERT_TRUE(report);
  const std::string text = night_text(*report);
  EXPECT_THAT(text,
              HasSubstr("\nOpen\n  n10-1  tree/hog fails or hangs more often since night 10; culprit: 38"));
  EXPECT_THAT(text, Not(HasSubstr("\nNew\n")));
}

TEST_F(NightPage, TextFromOutsideIsHarmless) {
  lab->subject = "mm: \x1b[2J\ninjected: line\r <b>";
  Report report = busy_night();
  for (const std::string& text : {night_text(report), text_about(file, 10, {&report.found.at(0)})}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\ninjected")));
    EXPECT_THAT(text, HasSubstr("\\x1b[2J"));
  }
  EXPECT_TRUE(parse_json(night_json(report)));
}

TEST(NightPageCommand, IsQuotedForAShell) {
  Finding finding;
  finding.id = "n1-1";
  finding.series = {"tree", "it's; rm"};
  finding.rose = true;
  finding.bad.name = "~/linux tree";
  EXPECT_THAT(text_about({}, 1, {&finding}),
              HasSubstr("hangar run 'it'\\''s; rm' --kernel '~/linux tree' --repeat"));
}

TEST(NightPageCommand, OfAJobWithACommand) {
  Finding finding;
  finding.series = {"tree", "vma"};
  finding.rose = true;
  finding.bad = {"linux@1234", "1234", ""};
  NightlyFile file;
  file.run = "make && ./vma";
  EXPECT_THAT(text_about(file, 1, {&finding}),
              HasSubstr("git checkout 1234 && HANGAR_SCENARIO=vma sh -c 'make && ./vma'"));
}

TEST(NightPageCommand, NamesAKernelOnce) {
  Finding finding;
  finding.rose = true;
  finding.bad = {"linux@1234+memcg", "1234", ""};
  finding.good = {"tree", "1200", ""};
  const std::string text = text_about({}, 1, {&finding});
  EXPECT_THAT(text, HasSubstr("0 of 0 runs failed or hung; tree, revision 1200"));
  EXPECT_THAT(text, HasSubstr("0 of 0 runs failed or hung; linux@1234+memcg\n"));
}

TEST(NightPageCommand, SeveralFindingsAreOneText) {
  Finding hog;
  hog.series = {"tree", "hog"};
  Finding swap;
  swap.series = {"tree", "swap"};
  NightlyFile file;
  file.name = "mm";
  file.reports = "/srv/reports";
  const std::string text = text_about(file, 7, {&hog, &swap});
  EXPECT_THAT(text, HasSubstr("hangar nightly mm: 2 new findings\n"));
  EXPECT_THAT(text, HasSubstr("tree/hog fails"));
  EXPECT_THAT(text, HasSubstr("tree/swap fails"));
  EXPECT_THAT(text, HasSubstr("\nThe report of this night: /srv/reports/night-7.txt\n"));
}

TEST_F(NightPage, ATextThatWasNotSentIsInTheReport) {
  lab->send_error = infra_error("no mail today");
  EXPECT_THAT(night_text(busy_night()), HasSubstr("    text:    not sent: no mail today\n"));
}

TEST_F(NightPage, AGoodNightIsShort) {
  ASSERT_TRUE(night(1));
  const auto report = night(2);
  ASSERT_TRUE(report);
  const std::string text = night_text(*report);
  EXPECT_THAT(text, HasSubstr("good: 0 new, 0 open, 0 suspected, 0 not tested\n"));
  EXPECT_THAT(split(text, '\n'), SizeIs(testing::Le(12)));
}

}  // namespace
}  // namespace hangar::nightly
