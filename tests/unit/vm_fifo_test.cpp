// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/vm/fifo.h"

namespace hangar::vm {
namespace {

// What QEMU does with a chardev of the type `pipe` (qmp_chardev_open_pipe): both ends, for reading and
// writing.
Fd opened_as_qemu_does(const fs::path& path) {
  return Fd(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
}

TEST(Fifo, HoldsTenMinutesOfPulseInSingleBytes) {
  const auto folder = TempDir::make("/tmp", "ff");
  ASSERT_TRUE(folder);
  auto fifo = Fifo::make(folder->path() / "pulse", std::nullopt);
  ASSERT_TRUE(fifo) << fifo.error().message;
  const Fd writer = opened_as_qemu_does(folder->path() / "pulse.out");
  ASSERT_TRUE(opened_as_qemu_does(folder->path() / "pulse.in"));
  constexpr int beats = 6000;
  constexpr int bytes_a_beat = 30;
  const bool large = geteuid() == 0;  // others may have used up /proc/sys/fs/pipe-user-pages-soft
  const int bytes = large ? beats * bytes_a_beat : 60000;
  for (int i = 0; i < bytes; ++i) ASSERT_EQ(write(writer.get(), "x", 1), 1) << "byte " << i;
  const Fd reader = fifo->take_reader();
  std::string got(static_cast<size_t>(bytes) + 1, ' ');
  EXPECT_EQ(read(reader.get(), got.data(), got.size()), bytes);
}

TEST(Fifo, IsGoneWithItsObjectAndIsPrivate) {
  const auto folder = TempDir::make("/tmp", "ff");
  ASSERT_TRUE(folder);
  {
    const auto fifo = Fifo::make(folder->path() / "pulse", std::nullopt);
    ASSERT_TRUE(fifo);
    EXPECT_EQ(std::filesystem::status(folder->path() / "pulse.out").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_FALSE(Fifo::make(folder->path() / "pulse", std::nullopt)) << "the name is taken";
    EXPECT_TRUE(fs::exists(folder->path() / "pulse.in")) << "the other one's";
    EXPECT_TRUE(fs::exists(folder->path() / "pulse.out"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder->path()));
}

}  // namespace
}  // namespace hangar::vm
