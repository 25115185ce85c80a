// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/log/record/key_search.h"

namespace hangar::log {
namespace {

struct Chosen {
  std::string text;
  unsigned bucket = 0;
};

// Few different bytes, so that keys are found; one of them is not ASCII.
std::string random_text(std::mt19937& random, std::size_t size, bool ascii) {
  const std::string bytes = "ab qA\n\xc3";
  std::string out;
  while (out.size() < size) out += bytes[random() % (bytes.size() - (ascii ? 1 : 0))];
  return out;
}

std::vector<Chosen> random_keys(std::mt19937& random, KeySearch& search) {
  std::vector<Chosen> keys;
  for (unsigned i = 0; i < 20; ++i) {
    const auto size = 3 + random() % (KeySearch::longest - 2);
    keys.push_back({random_text(random, size, true), static_cast<unsigned>(random()) % KeySearch::buckets});
    search.add(keys.back().text, keys.back().bucket);
  }
  return keys;
}

void expect_all(const std::vector<Chosen>& keys, const std::string& block, const KeySearch::Found& found) {
  const auto before = [](const auto& a, const auto& b) { return a.at < b.at; };
  ASSERT_TRUE(std::is_sorted(found.begin(), found.end(), before));
  ASSERT_TRUE(found.empty() || found.back().at < block.size());
  for (const auto& key : keys) {
    for (auto at = block.find(key.text); at != std::string::npos; at = block.find(key.text, at + 1)) {
      const auto place = std::find_if(found.begin(), found.end(), [&](auto one) { return one.at == at; });
      ASSERT_TRUE(place != found.end()) << key.text << " at " << at << " of " << block;
      ASSERT_TRUE((place->buckets >> key.bucket & 1U) != 0) << key.text << " at " << at << " of " << block;
    }
  }
}

TEST(KeySearch, FindsEachKeyInBlocksOfAnySize) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 300; ++size) {
    KeySearch search;
    const auto keys = random_keys(random, search);
    const std::string block = random_text(random, size, false);
    KeySearch::Found found;
    search.find(block, found);
    expect_all(keys, block, found);
    found.clear();
    search.find_portably(block, found);
    expect_all(keys, block, found);
  }
}

TEST(KeySearch, FindsNothingElseOfAscii) {
  KeySearch search;
  search.add("abcde", 0);
  search.add("xyz", 5);
  const std::string block = "abcd abcdf bbcde xy xyy " + std::string(40, 'a') + " abcde xyz";
  for (const bool portably : {false, true}) {
    KeySearch::Found found;
    portably ? search.find_portably(block, found) : search.find(block, found);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(block.substr(found[0].at), "abcde xyz");
    EXPECT_EQ(found[0].buckets, 1U);
    EXPECT_EQ(block.substr(found[1].at), "xyz");
    EXPECT_EQ(found[1].buckets, 1U << 5U);
  }
}

}  // namespace
}  // namespace hangar::log
