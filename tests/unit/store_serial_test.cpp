// SPDX-License-Identifier: GPL-2.0-only
#include <csignal>

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "harness/base/files.h"
#include "harness/store/run_directory.h"
#include "harness/store/serial.h"

namespace hangar::store {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

class Serial : public testing::Test {
 protected:
  [[nodiscard]] std::string log() const { return *read_file(folder_.path() / names::serial); }
  [[nodiscard]] SerialTimes times() const { return *SerialTimes::load(folder_.path() / names::serial_times); }
  // `count` numbered lines of 10 bytes, one a second.
  static void write_lines(SerialWriter& writer, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(writer.append(line(i), i));
  }
  static std::string line(int i) {
    std::string text = std::to_string(i);
    return std::string(9 - text.size(), '0') + text + "\n";
  }

  TempDir folder_ = *TempDir::make(testing::TempDir(), "serial");
};

TEST_F(Serial, KeepsBytesAndTimes) {
  auto writer = SerialWriter::create(folder_.path());
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append("first\n", 0.5));
  ASSERT_TRUE(writer->append(std::string_view("\0\xff\x1b", 3), 72.25));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(log(), std::string("first\n\0\xff\x1b", 9));
  EXPECT_THAT(times().entries(), ElementsAre(Pair(0, 0.5), Pair(6, 72.25)));
  EXPECT_EQ(times().at(5), 0.5);
  EXPECT_EQ(times().at(6), 72.25);
  EXPECT_EQ(times().at(100), 72.25);
  EXPECT_EQ(writer->dropped(), 0u);
}

TEST(Bounds, SerialIndex) {
  const auto entries = [](const std::string& line) {
    return SerialTimes::parse(line + "\n").entries().size();
  };
  EXPECT_EQ(entries("281474976710656 1000000000"), 1u);
  EXPECT_EQ(entries("0 0"), 1u);
  for (const char* line : {"281474976710657 1", "-1 1", "18446744073709551616 1", "0 -1", "0 -0.001",
                           "0 1000000001", "0 1e300", "0 inf", "0 nan", "0 -nan"})
    EXPECT_EQ(entries(line), 0u) << line;
}

TEST_F(Serial, ABurstIsOneEntry) {
  auto writer = SerialWriter::create(folder_.path());
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(writer->append("x", 1 + i * 1e-5));
  ASSERT_TRUE(writer->append("x", 11));
  EXPECT_THAT(times().entries(), ElementsAre(Pair(0, 1.0), Pair(testing::_, testing::_), Pair(1000, 11.0)));
}

TEST_F(Serial, WhatWasAppendedIsReadableBeforeTheEnd) {
  auto writer = SerialWriter::create(folder_.path());
  ASSERT_TRUE(writer->append("seen", 1));
  EXPECT_EQ(log(), "seen");
  EXPECT_EQ(times().at(0), 1);
}

TEST_F(Serial, UpToTheLimitNothingIsMissing) {
  auto writer = SerialWriter::create(folder_.path(), 1000);
  write_lines(*writer, 100);
  ASSERT_TRUE(writer->finish());
  std::string all;
  for (int i = 0; i < 100; ++i) all += line(i);
  EXPECT_EQ(log(), all);
  EXPECT_EQ(times().at(995), 99);
  EXPECT_EQ(times().at(505), 50);
  EXPECT_EQ(writer->dropped(), 0u);
  EXPECT_FALSE(fs::exists(folder_.path() / "serial.tail"));
}

TEST_F(Serial, AFloodKeepsHeadAndTail) {
  auto writer = SerialWriter::create(folder_.path(), 1000);
  write_lines(*writer, 12345);
  ASSERT_TRUE(writer->finish());
  const std::string text = log();
  EXPECT_THAT(text, StartsWith(line(0) + line(1)));
  EXPECT_THAT(text, EndsWith(line(12343) + line(12344)));
  EXPECT_EQ(writer->received(), 123450u);
  EXPECT_THAT(text,
              HasSubstr("\n[hangar: " + std::to_string(writer->dropped()) + " bytes of console output"));
  EXPECT_LT(text.size(), 1100u);
  // Every kept line still has its own time.
  for (int i : {0, 49, 12300, 12344}) {
    const size_t at = text.find(line(i));
    ASSERT_NE(at, std::string::npos) << i;
    EXPECT_EQ(times().at(at), i);
  }
}

// Whatever the pieces are, the result is the same as that of a slow, obvious cut.
TEST_F(Serial, PiecesDoNotMatter) {
  std::string all;
  for (int i = 0; i < 700; ++i) all += line(i);
  for (const size_t piece : {1u, 7u, 499u, 500u, 501u, 1700u, 7000u}) {
    auto writer = SerialWriter::create(folder_.path(), 1000);
    for (size_t at = 0; at < all.size(); at += piece)
      ASSERT_TRUE(writer->append(std::string_view(all).substr(at, piece), 1));
    ASSERT_TRUE(writer->finish());
    const size_t tail = all.find('\n', all.size() - 500) + 1;
    EXPECT_EQ(log(), all.substr(0, 500) + "\n[hangar: " + std::to_string(tail - 500) +
                         " bytes of console output are left out here]\n" + all.substr(tail))
        << piece;
  }
}

TEST_F(Serial, AFullDiskIsReportedOnceAndWhatFitStays) {
  auto writer = SerialWriter::create(folder_.path());
  ASSERT_TRUE(writer);
  // The limit on a file's size fails a write in the middle like a full disk does, for this process alone.
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {1000, before.rlim_max};
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto fits = writer->append(std::string(600, 'a'), 1);
  const auto fails = writer->append(std::string(600, 'b'), 2);
  const auto after = writer->append(std::string(600, 'c'), 3);
  const auto end = writer->finish();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  EXPECT_TRUE(fits);
  ASSERT_FALSE(fails);
  EXPECT_THAT(fails.error().message, HasSubstr(folder_.path().string()));
  EXPECT_TRUE(after && end);
  EXPECT_EQ(log(), std::string(600, 'a') + std::string(400, 'b'));
  EXPECT_EQ(writer->dropped(), 800u);
}

TEST(SerialTimes, TornOrHostileIndexIsReadAsFarAsItGoes) {
  EXPECT_THAT(SerialTimes::parse("0 1.5\n10 2.5\n20 3").entries(), ElementsAre(Pair(0, 1.5), Pair(10, 2.5)));
  EXPECT_THAT(SerialTimes::parse("0 1\nx y\n\n-5 2\n5\n10 2 3\n9 9\n8 10\n30 1\n40 12\n").entries(),
              ElementsAre(Pair(0, 1), Pair(9, 9), Pair(40, 12)));
  EXPECT_TRUE(SerialTimes::parse("").empty());
  EXPECT_EQ(SerialTimes().at(7), 0);
  EXPECT_TRUE(SerialTimes::load("/no/such/file")->empty());
}

TEST(SerialTimes, EveryCutIsAPrefix) {
  const std::string text = "0 0.100000\n17 2.000000\n4711 33.250000\n";
  const auto whole = SerialTimes::parse(text).entries();
  for (size_t size = 0; size <= text.size(); ++size) {
    const auto part = SerialTimes::parse(text.substr(0, size)).entries();
    ASSERT_LE(part.size(), whole.size());
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << size;
  }
}

}  // namespace
}  // namespace hangar::store
