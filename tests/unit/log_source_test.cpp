// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "harness/log/input/source.h"

namespace hangar::log {
namespace {

class Source : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::make("/tmp", "hangar-log-");
    ASSERT_TRUE(dir);
    dir_.emplace(std::move(*dir));
    for (int i = 0; i < 60000; ++i)
      text_ += "[ " + std::to_string(1000 + i) + ".000000] line " + std::to_string(i * 7919) + "\n";
    ASSERT_TRUE(write_file(path("a.log"), text_));
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (dir_->path() / name).string(); }
  bool compress(const std::string& command) {
    return std::system(("cd " + dir_->path().string() + " && " + command + " 2>/dev/null").c_str()) == 0;
  }
  std::optional<TempDir> dir_;
  std::string text_;
};

TEST_F(Source, PlainAndCompressedAreTheSame) {
  const auto plain = read_log(path("a.log"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->bytes, text_.size());
  EXPECT_EQ(plain->lines, 60000U);
  ASSERT_TRUE(compress("xz -k -T2 --block-size=100000 a.log; gzip -k a.log; cat a.log.gz a.log.gz > two.gz"));
  for (const auto* name : {"a.log.xz", "a.log.gz"}) {
    const auto facts = read_log(path(name));
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->bytes, text_.size()) << name;
    EXPECT_EQ(facts->boots[0].last_s, plain->boots[0].last_s);
  }
  const auto two = read_log(path("two.gz"));
  ASSERT_TRUE(two);
  EXPECT_EQ(two->bytes, 2 * text_.size());
  if (compress("zstd -q -k a.log")) {
    const auto zstd = read_log(path("a.log.zst"));
    ASSERT_TRUE(zstd);
    EXPECT_EQ(zstd->bytes, text_.size());
  }
}

TEST_F(Source, DamagedDataIsAnErrorAndNoCrash) {
  ASSERT_TRUE(compress(
      "xz -k a.log; head -c 20000 a.log.xz > cut.xz; gzip -k a.log; head -c 20000 a.log.gz > cut.gz; "
      "(head -c 3000 a.log.gz; head -c 3000 /dev/zero | tr '\\0' x) > bad.gz"));
  for (const auto* name : {"cut.xz", "cut.gz", "bad.gz"}) {
    const auto facts = read_log(path(name));
    ASSERT_FALSE(facts) << name;
    EXPECT_NE(facts.error().message.find("damaged"), std::string::npos) << facts.error().message;
  }
}

// Bytes that only begin like a compressed file, and files that are cut right behind that.
TEST_F(Source, GarbageBehindAMagicIsDamaged) {
  const std::string noise(1000, '\xa5');
  for (const auto& [format, magic] :
       std::vector<std::pair<std::string, std::string>>{{".xz", std::string("\xfd"
                                                                            "7zXZ\0",
                                                                            6)},
                                                        {".gz", "\x1f\x8b"},
                                                        {".zst", "\x28\xb5\x2f\xfd"}}) {
    for (const std::string& text : {magic + noise, magic}) {
      ASSERT_TRUE(write_file(path("garbage"), text));
      const auto facts = read_log(path("garbage"));
      ASSERT_FALSE(facts) << format;
      EXPECT_NE(facts.error().message.find("garbage is damaged: "), std::string::npos)
          << facts.error().message;
      EXPECT_NE(facts.error().message.find(format), std::string::npos) << facts.error().message;
      EXPECT_EQ(facts.error().message.find("were read"), std::string::npos) << facts.error().message;
    }
  }
}

TEST_F(Source, ACutFileSaysHowMuchOfItWasRead) {
  ASSERT_TRUE(compress("gzip -k a.log; head -c 200000 a.log.gz > cut.gz"));
  auto source = ByteSource::open(path("cut.gz"));
  ASSERT_TRUE(source);
  std::vector<char> buffer(1 << 16);
  std::size_t bytes = 0;
  auto got = source->read(buffer.data(), buffer.size());
  for (; got && *got > 0; got = source->read(buffer.data(), buffer.size())) bytes += *got;
  ASSERT_FALSE(got);
  EXPECT_GT(bytes, 0u);
  EXPECT_NE(got.error().message.find("the first " + std::to_string(bytes) + " bytes of the log were read"),
            std::string::npos)
      << got.error().message;
}

// Reads to the end or to the first error.
struct Read {
  std::string text;
  std::string error;
};
Read read_to_end(const std::string& path) {
  Read read;
  auto source = ByteSource::open(path);
  if (!source) return {"", source.error().message};
  std::vector<char> buffer(1 << 18);
  for (;;) {
    const auto got = source->read(buffer.data(), buffer.size());
    if (!got) read.error = got.error().message;
    if (!got || *got == 0) return read;
    read.text.append(buffer.data(), *got);
  }
}

// The end of a cut log is where its crash is.
TEST_F(Source, EverythingBeforeTheDamageIsRead) {
  ASSERT_TRUE(compress(
      "gzip -k a.log; head -c -2 a.log.gz > cut.gz; (head -c -8 a.log.gz; printf abcdefgh) > crc.gz; "
      "(cat a.log.gz; echo garbage) > more.gz"));
  for (const char* name : {"cut.gz", "crc.gz", "more.gz"}) {
    const Read read = read_to_end(path(name));
    EXPECT_TRUE(read.text == text_) << name << ": " << read.text.size() << " bytes";
    EXPECT_NE(read.error.find("is damaged: "), std::string::npos) << name << ": " << read.error;
  }
}

TEST_F(Source, ZstdBeforeTheDamageIsReadButForOneBlock) {
  constexpr std::size_t block = 128 << 10;
  text_.resize(13 * block + 60000);  // the last whole block and the rest fit into one read
  ASSERT_TRUE(write_file(path("b.log"), text_));
  if (!compress("zstd -q --check -k b.log")) GTEST_SKIP() << "no zstd here";
  ASSERT_TRUE(
      compress("head -c -2 b.log.zst > cut.zst; (head -c -4 b.log.zst; printf abcd) > check.zst; "
               "(cat b.log.zst; echo garbage) > more.zst; cat b.log.zst b.log.zst > two.zst"));
  for (const char* name : {"cut.zst", "check.zst", "more.zst"}) {
    const Read read = read_to_end(path(name));
    EXPECT_TRUE(text_.starts_with(read.text)) << name;
    EXPECT_GE(read.text.size() + block, text_.size()) << name;
    EXPECT_NE(read.error.find("is damaged: "), std::string::npos) << name << ": " << read.error;
  }
  EXPECT_TRUE(read_to_end(path("two.zst")).text == text_ + text_);
}

TEST_F(Source, WhatCannotBeRead) {
  EXPECT_FALSE(read_log(path("none.log")));
  EXPECT_FALSE(read_log(dir_->path().string()));
}

TEST_F(Source, LinesByNumber) {
  const auto lines = fetch_lines(path("a.log"), {3, 60000, 70000, 1});
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ(lines->at(1), "[ 1000.000000] line 0");
  EXPECT_EQ(lines->at(3), "[ 1002.000000] line 15838");
}

}  // namespace
}  // namespace hangar::log
