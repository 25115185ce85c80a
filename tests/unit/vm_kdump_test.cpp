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

// The header of a kdump file as QEMU writes it for x86-64: only the machine is named.
std::string header_of_qemu(const std::string& vmcoreinfo) {
  std::string bytes(8192, '\0');
  bytes.replace(0, 8, "KDUMP   ");
  bytes.replace(12 + 4L * 65, 6, "x86_64");
  const auto put = [&bytes](size_t at, std::uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
  };
  put(428, 4096, 4);
  if (!vmcoreinfo.empty()) put(4096 + 32, 8192, 8);
  put(4096 + 40, vmcoreinfo.size(), 8);
  return bytes + vmcoreinfo;
}

class KernelName : public Kdump {
 protected:
  // The header's field after naming.
  std::string field(const std::string& bytes, size_t number) {
    EXPECT_TRUE(write_file(file("core"), bytes));
    EXPECT_TRUE(name_kernel(file("core")));
    const auto named = read_file(file("core"));
    EXPECT_EQ(named->size(), bytes.size());
    EXPECT_EQ(named->substr(12 + 4L * 65), bytes.substr(12 + 4L * 65)) << "what follows is as it was";
    const std::string text = named->substr(12 + number * 65, 65);
    return text.substr(0, text.find('\0'));
  }
};

TEST_F(KernelName, IsThatOfTheKernelsNotes) {
  const std::string dump = header_of_qemu("OSRELEASE=6.1.192-mm\nPAGESIZE=4096\n");
  EXPECT_EQ(field(dump, 0), "Linux");
  EXPECT_EQ(field(dump, 2), "6.1.192-mm");
  EXPECT_EQ(field(dump, 3), "unknown");
  EXPECT_EQ(field(dump, 4), "x86_64");
}

TEST_F(KernelName, WithoutNotesOrWithNonsenseIsUnknown) {
  std::string beyond = header_of_qemu("OSRELEASE=6.1");
  beyond.replace(4096 + 32, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");
  for (const auto& dump :
       {header_of_qemu(""), header_of_qemu("PAGESIZE=4096\n"), header_of_qemu("OSRELEASE=\n"), beyond}) {
    EXPECT_EQ(field(dump, 0), "Linux");
    EXPECT_EQ(field(dump, 2), "unknown");
  }
  EXPECT_EQ(field(header_of_qemu("OSRELEASE=" + std::string(300, 'x')), 2), std::string(64, 'x'));
}

TEST_F(KernelName, ThatIsThereIsKept) {
  std::string dump = header_of_qemu("OSRELEASE=6.1.192\n");
  dump.replace(12, 5, "Linux");
  dump.replace(12 + 2L * 65, 3, "5.4");
  EXPECT_EQ(field(dump, 2), "5.4");
}

TEST_F(KernelName, OfAnotherFileIsRefused) {
  EXPECT_TRUE(write_file(file("core"), "no dump"));
  EXPECT_FALSE(name_kernel(file("core")));
  EXPECT_FALSE(name_kernel(file("none")));
  EXPECT_EQ(*read_file(file("core")), "no dump");
}

}  // namespace
}  // namespace hangar::vm
