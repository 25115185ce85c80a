// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/report/html.h"
#include "harness/report/log_text.h"
#include "harness/report/page_bundle.h"
#include "harness/report/page_data.h"
#include "harness/report/run_page.h"
#include "tests/report_runs.h"

namespace hangar::report {
namespace {

using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Html : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-html-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] Contents contents(const std::vector<std::string>& names) const {
    auto made = report_runs::contents(folder_->path(), names);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  [[nodiscard]] static std::string html_of(const Contents& contents, const HtmlOptions& options = {}) {
    auto page = to_html(contents, options);
    EXPECT_TRUE(page) << page.error().message;
    return std::move(*page);
  }
  std::optional<TempDir> folder_;
};

Preface preface(const std::string& text) {
  Preface preface;
  preface.summary = "findings: 1 new";
  preface.parts.push_back({"New", {{"n1-1", {"About", "What"}, {{{"culprit", {}}, {text, {0, 0.5, 7}}}}}}});
  return preface;
}

// The text between the first `begin` and the next `end`.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  const size_t at = from + begin.size();
  return text.substr(at, text.find(end, at) - at);
}

nlohmann::json data_of(const std::string& page) {
  return nlohmann::json::parse(between(page, "id=\"data\">", "</script>"));
}

std::string unpacked(const std::string& base64) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : base64) {
    const size_t value =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  std::string text(1 << 20, '\0');
  uLongf size = text.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                       reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()),
            Z_OK);
  text.resize(size);
  return text;
}

std::string text_at(const nlohmann::json& data, const nlohmann::json& place) {
  return unpacked(data["packs"][place[0].get<size_t>()].get<std::string>())
      .substr(place[1].get<size_t>(), place[2].get<size_t>());
}

TEST_F(Html, APrefaceIsInFrontOfTheRunsAndInPlaceOfTheVerdict) {
  Contents given = contents({"healthy"});
  given.preface = preface("mm: change");
  const std::string page = html_of(given);
  EXPECT_LT(page.find("mm: change"), page.find("id=\"result\""));
  EXPECT_THAT(page, HasSubstr("<a href=\"#part-1\">New</a>"));
  EXPECT_THAT(between(page, "<header>", "<nav"),
              AllOf(HasSubstr("findings: 1 new"), Not(HasSubstr("class=\"verdict"))));
}

TEST_F(Html, APrefaceWithoutRunsIsAPage) {
  Contents given;
  given.title = "night 1";
  given.preface = preface("<b>&\x1b[2J");
  const std::string page = html_of(given);
  EXPECT_THAT(page,
              AllOf(HasSubstr("<h1>night 1</h1>"), HasSubstr("&lt;b&gt;&amp;"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("id=\"runs\"")), Not(HasSubstr("<script"))));
  EXPECT_THAT(page, HasSubstr("y=\"10.0\" width=\"7\" height=\"10.0\"")) << "half";
  EXPECT_THAT(page, Not(HasSubstr("140"))) << "a share is at most 1";
}

TEST_F(Html, IsReadableWithoutItsScript) {
  const std::string page = html_of(contents({"oom-2015-hang", "healthy", "planted-bug", "stopped"}));
  const std::string text = page.substr(0, page.find("<script"));
  EXPECT_THAT(text, HasSubstr("<h1>"));
  EXPECT_THAT(text, HasSubstr("1 of 1 runs (95% interval 0.03 to 1.00)"));
  EXPECT_THAT(text, HasSubstr("hangar run mmap-lock-livelock --kernel v6.1-oom-2015"));
  EXPECT_THAT(text, HasSubstr("Where tasks wait")) << "the hung run has stacks";
  EXPECT_THAT(text, HasSubstr("<noscript>"));
}

TEST_F(Html, NeedsNoOtherFile) {
  const std::string page = html_of(contents({"oom-2015-hang"}));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-")));
}

TEST_F(Html, TheBundleNeedsNoEval) {
  const std::string script(page_script);
  EXPECT_THAT(script, Not(testing::ContainsRegex("[^a-zA-Z]eval *\\(")));
  EXPECT_THAT(script, Not(HasSubstr("new Function")));
  EXPECT_THAT(script, Not(HasSubstr("</script")));
  EXPECT_THAT(script, HasSubstr("Mike Bostock")) << "the licences of what is bundled go with it";
}

TEST_F(Html, NamesAndTextsAreEscaped) {
  Contents hostile = contents({"planted-bug"});
  const std::string attack = "</script><img src=x onerror='alert(1)'>";
  hostile.title = hostile.cells[0].label = hostile.cells[0].scenario = hostile.cells[0].why = attack;
  hostile.cells[0].runs[0].why = attack;
  hostile.commands = {attack};
  hostile.differences = {{attack, attack, attack}};
  hostile.boundaries = {{attack, attack, attack}};
  const std::string page = html_of(hostile);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;"));
}

TEST_F(Html, DataCannotEndItsElement) {
  Contents hostile = contents({"oom-2015-hang"});
  hostile.cells[0].label = "</script><!-- <script> & \xe2\x80\xa8 \xff";
  const std::string json = between(html_of(hostile), "id=\"data\">", "</script>");
  EXPECT_THAT(json, HasSubstr(R"(\u003c/script\u003e\u003c!-- \u003cscript\u003e \u0026 \u2028)"));
  EXPECT_EQ(json.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(json)["survival"][0]["curves"][0]["label"],
            "</script><!-- <script> & \xe2\x80\xa8 \xef\xbf\xbd");
}

TEST_F(Html, ALogHasItsLastLinesAndTheProofAndTheRestOnDemand) {
  const auto data = data_of(html_of(contents({"oom-2015-hang"})));
  const auto& run = data["runs"][0];
  const std::string excerpt = text_at(data, run["excerpt"]);
  const std::string rest = text_at(data, run["rest"]);
  const auto lines = [](const std::string& text) {
    int count = 0;
    for (const auto line : split(text, '\n')) count += !line.empty() && line[0] != '@' ? 1 : 0;
    return count;
  };
  EXPECT_EQ(lines(excerpt) + lines(rest), run["lines"].get<int>()) << "each line is in one of them";
  EXPECT_GE(lines(excerpt), 200);
  EXPECT_LT(lines(excerpt), 1000);
  EXPECT_NE(excerpt.find("Out of memory: Killed process"), std::string::npos) << "the proof";
  EXPECT_NE(rest.find("Tasks state (memory values in pages)"), std::string::npos) << "no event is there";
}

TEST_F(Html, WithoutRoomTheLogIsLeftToHangarLog) {
  HtmlOptions options;
  options.max_bytes = page_script.size() + 70000;
  const std::string page = html_of(contents({"oom-2015-hang", "healthy"}), options);
  const auto data = data_of(page);
  EXPECT_LE(page.size(), options.max_bytes);
  for (const auto& run : data["runs"]) {
    EXPECT_TRUE(run["excerpt"].is_array());
    EXPECT_TRUE(run["rest"].is_null());
  }
  EXPECT_THAT(page, HasSubstr("<code>hangar log 20"));
}

TEST_F(Html, WithoutAnyRoomItIsStillAPage) {
  HtmlOptions options;
  options.max_bytes = 1;
  const auto data = data_of(html_of(contents({"healthy"}), options));
  EXPECT_TRUE(data["runs"][0]["details"].is_null());
  EXPECT_EQ(data["packs"].size(), 0U);
}

TEST_F(Html, ARowAloneIsARunWithoutDetails) {
  compare::Row row = contents({"planted-bug"}).cells[0].runs[0].row;
  const auto made = contents_of({run_of(std::move(row))}, [](const auto&) { return run::StopRule(); });
  ASSERT_TRUE(made);
  const auto data = data_of(html_of(*made));
  EXPECT_THAT(data["runs"], SizeIs(1));
  EXPECT_TRUE(data["runs"][0]["details"].is_null());
}

// 15 runs of each of two kernels; of the first one, the last 7 hung.
TEST_F(Html, OfManyRunsThoseThatHungAreListedFirst) {
  std::vector<report::Run> runs;
  for (int i = 0; i < 30; ++i) {
    compare::Row row;
    row.id = fmt::format("20261130-0000{:02}-000000", i);
    row.scenario = "oom-kill";
    row.kernel = i % 2 == 0 ? "v1" : "v2";
    row.end = "done";
    row.verdict = "pass";
    if (i % 2 == 0 && i >= 16) row.hangs = {{HangKind::memory_stall, {}, 1, 20.0 + i, false, {}, {}, {}}};
    runs.push_back(run_of(std::move(row)));
  }
  const auto made = contents_of(std::move(runs), [](const auto&) { return run::StopRule(); });
  ASSERT_TRUE(made);
  HtmlOptions options;
  options.max_runs = 10;
  const std::string page = html_of(*made, options);
  const auto data = data_of(page);
  std::vector<std::string> listed;
  for (const auto& run : data["runs"]) listed.push_back(run["id"].get<std::string>().substr(13, 2));
  EXPECT_THAT(listed, testing::ElementsAre("16", "18", "20", "22", "24", "01", "03", "05", "07", "09"));
  EXPECT_THAT(page, HasSubstr("10 of 30 runs are listed"));
  EXPECT_THAT(page, HasSubstr("id=\"run-9\""));
  EXPECT_THAT(page, Not(HasSubstr("id=\"run-10\"")));
  EXPECT_THAT(page, HasSubstr("7 of 15 hung")) << "rates are of all runs";
  EXPECT_THAT(html_of(*made), Not(HasSubstr("runs are listed")));
}

TEST_F(Html, EventsNameTheirLines) {
  const auto made = contents({"oom-2015-hang"});
  const Record& record = *made.cells[0].runs[0].record;
  const auto timeline = read_timeline(record);
  const auto tracks = read_tracks(record);
  ASSERT_TRUE(timeline && tracks);
  const auto events = events_of(record, *tracks, *timeline);
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                             [](const auto& a, const auto& b) { return a.time_s < b.time_s; }));
  const auto kill =
      std::find_if(events.begin(), events.end(), [](const auto& e) { return e.kind == "kill"; });
  ASSERT_NE(kill, events.end());
  EXPECT_THAT(timeline->cite(static_cast<std::uint64_t>(kill->line)).text, HasSubstr("Killed process"));
  EXPECT_THAT(events, testing::Contains(
                          AllOf(Field(&PageEvent::kind, "key"), Field(&PageEvent::line, testing::Gt(0)))));
  EXPECT_THAT(events, testing::Contains(Field(&PageEvent::kind, "hang")));
}

}  // namespace
}  // namespace hangar::report
