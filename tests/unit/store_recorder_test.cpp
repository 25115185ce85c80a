// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/store/recorder.h"

namespace hangar::store {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

class Records : public testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return folder_.path() / "file"; }
  TempDir folder_ = *TempDir::make(testing::TempDir(), "record");
};

TEST_F(Records, AgentLinesGetTheHostsTime) {
  auto recorder = Recorder::create(file());
  ASSERT_TRUE(recorder->agent(1.5, R"({"t":"hello","cpus":2})"));
  ASSERT_TRUE(recorder->agent(2.5, R"({"t":"probe","host_s":999,"n":1})"));
  const auto lines = read_agent(file());
  ASSERT_TRUE(lines);
  ASSERT_THAT(*lines, SizeIs(2));
  EXPECT_EQ((*lines)[0].host_s, 1.5);
  EXPECT_EQ(json::parse((*lines)[0].text)["cpus"], 2);
  EXPECT_EQ((*lines)[1].host_s, 2.5) << "the guest cannot set it";
}

TEST_F(Records, GarbageOnTheAgentPortIsKeptSafely) {
  auto recorder = Recorder::create(file());
  for (const std::string& line : {std::string("not json"), std::string(100000, '['),
                                  std::string(1 << 20, 'x'), std::string("\x1b[2J\xff\0", 6),
                                  std::string("[1,2]"), std::string("{\"a\":\"\xff\"}"), std::string("")}) {
    ASSERT_TRUE(recorder->agent(1, line));
  }
  const auto lines = read_agent(file());
  ASSERT_TRUE(lines);
  ASSERT_THAT(*lines, SizeIs(7));
  for (const TimedLine& line : *lines) {
    EXPECT_EQ(json::parse(line.text)["t"], "garbage");
    EXPECT_LT(line.text.size(), 5000u);
    EXPECT_EQ(line.text.find('\x1b'), std::string::npos);
  }
}

TEST_F(Records, PulsesAndEventsComeBack) {
  auto pulse = Recorder::create(file());
  ASSERT_TRUE(pulse->pulse(0.25, "P 1 100 0 0 i -"));
  ASSERT_TRUE(pulse->pulse(0.5, "P \x1b]0;x"));
  const auto beats = read_pulse(file());
  ASSERT_THAT(*beats, SizeIs(2));
  EXPECT_EQ((*beats)[0].host_s, 0.25);
  EXPECT_EQ((*beats)[0].text, "P 1 100 0 0 i -");
  EXPECT_EQ((*beats)[1].text, "P \\x1b]0;x");

  auto recorder = Recorder::create(folder_.path() / "events");
  ASSERT_TRUE(recorder->event({3.5, "sysrq", "t"}));
  const auto events = read_events(folder_.path() / "events");
  ASSERT_THAT(*events, SizeIs(1));
  EXPECT_EQ((*events)[0].name, "sysrq");
  EXPECT_EQ((*events)[0].detail, "t");
  EXPECT_EQ((*events)[0].host_s, 3.5);
}

TEST_F(Records, AFloodEndsInAMark) {
  auto recorder = Recorder::create(file(), 10000);
  for (int i = 0; i < 100000; ++i) ASSERT_TRUE(recorder->agent(i, R"({"t":"progress"})"));
  EXPECT_LT(std::filesystem::file_size(file()), 10100u);
  const auto lines = read_agent(file());
  EXPECT_EQ(json::parse(lines->back().text)["t"], "cut");
}

TEST_F(Records, AFullDiskIsReportedOnce) {
  auto recorder = Recorder::create("/dev/full");
  ASSERT_TRUE(recorder);
  const auto first = recorder->pulse(1, "P");
  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().message, HasSubstr("/dev/full"));
  EXPECT_TRUE(recorder->pulse(2, "P"));
}

TEST_F(Records, TornAndMissingFilesAreReadAsFarAsTheyGo) {
  EXPECT_TRUE(read_agent(file())->empty());
  EXPECT_TRUE(read_pulse(file())->empty());
  EXPECT_TRUE(read_events(file())->empty());
  ASSERT_TRUE(
      write_file(file(), "{\"host_s\":1,\"event\":\"a\"}\n{\"host_s\":\"x\"}\n[]\n\n{\"host_s\":2,\"ev"));
  EXPECT_THAT(*read_events(file()), SizeIs(1));
  ASSERT_TRUE(write_file(file(), "1.5 P 1\nnonsense\n2.5\n3.5 P 2"));
  EXPECT_THAT(*read_pulse(file()), SizeIs(1));
}

}  // namespace
}  // namespace hangar::store
