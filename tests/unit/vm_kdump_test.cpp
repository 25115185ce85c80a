// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/vm/kdump.h"

namespace hangar::vm {
namespace {

std::string big_endian(std::uint64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return bytes;
}

std::string record(std::uint64_t offset, const std::string& data) {
  return big_endian(offset) + big_endian(data.size()) + data;
}

class Kdump : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "kdump");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path file(const char* name) const { return folder_->path() / name; }
  Result<void> unflatten(const std::string& bytes) {
    EXPECT_TRUE(write_file(file("flat"), bytes));
    return unflatten_dump(file("flat"), file("core"));
  }
  std::optional<TempDir> folder_;
};

std::string head() {
  std::string text = "makedumpfile";
  text.resize(4096, '\0');
  return text;
}

TEST_F(Kdump, RecordsGoWhereTheySay) {
  const auto made =
      unflatten(head() + record(8, "tail") + record(0, "KDUMP   ") + big_endian(~0ULL) + big_endian(~0ULL));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*read_file(file("core")), "KDUMP   tail");
  EXPECT_TRUE(is_kdump(file("core")));
  EXPECT_FALSE(is_kdump(file("flat")));
}

TEST_F(Kdump, TornOnesAreRefused) {
  const std::string whole = head() + record(0, "KDUMP   ") + big_endian(~0ULL) + big_endian(~0ULL);
  for (const size_t bytes : {0UL, 5UL, 4096UL, 4100UL, 4115UL, 4120UL, whole.size() - 1})
    EXPECT_FALSE(unflatten(whole.substr(0, bytes))) << bytes;
  EXPECT_FALSE(unflatten(head() + big_endian(0) + big_endian(1ULL << 40)));
}

}  // namespace
}  // namespace hangar::vm
