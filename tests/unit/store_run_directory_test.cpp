// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Run : public testing::Test {
 protected:
  TempDir state_ = *TempDir::make(testing::TempDir(), "store");
  RunDirectory run_ = *RunDirectory::create(state_.path());
};

// Lines as a console has them: compressible, no two alike.
std::string console(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    text += "[  " + std::to_string(i) + ".123456] hog invoked oom-killer: order=" + std::to_string(i * 7919) +
            "\n";
  }
  return text;
}

// fsync() refuses a device: that shows that each file is synced.
TEST_F(Run, SyncReachesEachFile) {
  ASSERT_TRUE(write_file(run_.file(names::events), "{}\n"));
  EXPECT_TRUE(run_.sync());
  ASSERT_TRUE(fs::create_symlink("/dev/null", run_.file(names::agent)));
  const auto synced = run_.sync();
  ASSERT_FALSE(synced);
  EXPECT_THAT(synced.error().message, HasSubstr("agent.jsonl"));
}

TEST(Id, SortsByTimeAndIsKnown) {
  EXPECT_TRUE(is_id(new_id()));
  EXPECT_TRUE(is_id("20261123-021530-4f2a9c"));
  for (const char* other :
       {"", "last", "20261123-021530", "20261123-021530-4f2a9g", "../../../../../etc/pas"})
    EXPECT_FALSE(is_id(other)) << other;
  EXPECT_NE(new_id(), new_id());
  EXPECT_EQ(first_id_at(1795824000), "20261128-000000");
  EXPECT_LT(first_id_at(1795824000), "20261128-000000-000000");
}

TEST_F(Run, FolderIsNamedByItsId) {
  EXPECT_EQ(run_.path(), state_.path() / "runs" / run_.id());
  const auto again = RunDirectory::open(run_.path() / "");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id(), run_.id());
  EXPECT_FALSE(run_.finished());
  EXPECT_EQ(run_.verdict(), "");
  EXPECT_EQ(RunDirectory::open(state_.path() / "missing").error().fault, Fault::user);
}

TEST_F(Run, InfoComesBackAsItWas) {
  RunInfo info;
  info.id = run_.id();
  info.scenario = "mmap-lock-livelock";
  info.guest_argv = {"/repro/bin/x", "--writers", "10"};
  info.seed = 0xffffffffffffffff;
  info.restored = true;
  info.boot = "a saved guest's id";
  info.wall_s = 12.5;
  info.kernel_release = "6.1\xff";  // the guest says what it likes
  info.kernel_source = "./linux";
  info.kernel_revision = "0123456789abcdef0123456789abcdef01234567";
  info.kernel_dirty = false;
  info.kernel_config_digest = "c0";
  info.kernel_signature = "2-d0";
  info.append = "swiotlb=force";
  ASSERT_TRUE(run_.save_info(info));
  const auto loaded = run_.load_info();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->guest_argv, info.guest_argv);
  EXPECT_EQ(loaded->seed, info.seed);
  EXPECT_EQ(loaded->wall_s, 12.5);
  EXPECT_TRUE(loaded->restored);
  EXPECT_EQ(loaded->boot, info.boot);
  EXPECT_EQ(loaded->kernel, "");
  EXPECT_EQ(loaded->kernel_source, info.kernel_source);
  EXPECT_EQ(loaded->kernel_revision, info.kernel_revision);
  EXPECT_EQ(loaded->kernel_dirty, false);
  EXPECT_EQ(loaded->kernel_config_digest, "c0");
  EXPECT_EQ(loaded->kernel_signature, "2-d0");
  EXPECT_EQ(loaded->append, "swiotlb=force");
}

TEST_F(Run, InfoOfAnEarlierVersionHasNoRevision) {
  ASSERT_TRUE(
      write_file(run_.file(names::run), R"({"schema":"hangar.run-info/1","id":"x","kernel":"v6.1"})"));
  const auto loaded = run_.load_info();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->kernel_revision, "");
  EXPECT_EQ(loaded->kernel_dirty, std::nullopt);
  const std::string written = to_json(*loaded);
  EXPECT_THAT(written, HasSubstr("\"kernel_dirty\": null"));
  EXPECT_THAT(written, HasSubstr("\"kernel_revision\": null"));
}

TEST_F(Run, DamagedInfoIsAnErrorThatNamesTheFile) {
  for (const char* text : {"", "{", "[]", "7", R"({"seed": "many"})"}) {
    ASSERT_TRUE(write_file(run_.file(names::run), text));
    const auto loaded = run_.load_info();
    ASSERT_FALSE(loaded) << text;
    EXPECT_THAT(loaded.error().message, HasSubstr("run.json"));
  }
}

TEST_F(Run, VerdictIsReadWithCare) {
  for (const char* text : {"", "{", "[]", R"({"verdict": 3})"}) {
    ASSERT_TRUE(write_file(run_.file(names::verdict), text));
    EXPECT_EQ(run_.verdict(), "");
  }
  ASSERT_TRUE(write_file(run_.file(names::verdict), R"({"verdict": "pass"})"));
  EXPECT_EQ(run_.verdict(), "pass");
}

TEST_F(Run, SerialReadsTheSameBeforeAndAfterCompression) {
  const std::string text = console(20000);
  ASSERT_TRUE(write_file(run_.file(names::serial), text));
  EXPECT_EQ(*run_.read_serial(), text);
  ASSERT_TRUE(run_.compress());
  EXPECT_FALSE(fs::exists(run_.file(names::serial)));
  EXPECT_LT(std::filesystem::file_size(run_.file(names::serial_xz)), text.size() / 4);
  EXPECT_EQ(*run_.read_serial(), text);
  EXPECT_EQ(*run_.read_serial(1000), text.substr(0, 1000));
  EXPECT_TRUE(run_.compress()) << "a second time does nothing";
  EXPECT_EQ(*run_.read_serial(), text);
}

TEST_F(Run, OtherToolsReadTheXz) {
  if (!find_program("xz")) GTEST_SKIP() << "needs xz-utils";
  ASSERT_TRUE(write_file(run_.file(names::serial), console(100)));
  ASSERT_TRUE(run_.compress());
  const auto out = run_process({{"xz", "-dc", run_.file(names::serial_xz).string()}});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->output, console(100));
}

TEST_F(Run, EmptyLogAndNoLog) {
  EXPECT_THAT(run_.read_serial().error().message, HasSubstr("no serial.log"));
  EXPECT_TRUE(run_.compress());
  ASSERT_TRUE(write_file(run_.file(names::serial), ""));
  ASSERT_TRUE(run_.compress());
  EXPECT_EQ(*run_.read_serial(), "");
}

TEST_F(Run, CutXzIsAnErrorAtEveryLength) {
  ASSERT_TRUE(write_file(run_.file(names::serial), console(300)));
  ASSERT_TRUE(run_.compress());
  const std::string whole = *read_file(run_.file(names::serial_xz));
  for (size_t size = 0; size < whole.size(); size += 7) {
    ASSERT_TRUE(write_file(run_.file(names::serial_xz), whole.substr(0, size)));
    EXPECT_FALSE(run_.read_serial()) << size;
  }
  ASSERT_TRUE(write_file(run_.file(names::serial_xz), "no xz at all"));
  EXPECT_THAT(run_.read_serial().error().message, HasSubstr("not an xz file"));
}

// A crash between the rename and the removal leaves both: the raw one counts, and the next call cleans up.
TEST_F(Run, BothFilesAreNoTrouble) {
  ASSERT_TRUE(write_file(run_.file(names::serial_xz), "half of an older attempt"));
  ASSERT_TRUE(write_file(run_.file(names::serial), "raw"));
  EXPECT_EQ(*run_.read_serial(), "raw");
  ASSERT_TRUE(run_.compress());
  EXPECT_EQ(*run_.read_serial(), "raw");
}

// A file system of 8 MiB, for as long as this lives.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path at) : at_(std::move(at)) {
    good_ = ::mount("none", at_.c_str(), "tmpfs", 0, "size=8m") == 0;
  }
  ~SmallDisk() {
    if (good_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool good() const { return good_; }

 private:
  fs::path at_;
  bool good_ = false;
};

TEST_F(Run, FullDiskIsSaidBeforeTheRun) {
  const SmallDisk disk(run_.path());
  if (!disk.good()) GTEST_SKIP() << "needs the right to mount";
  const auto run = RunDirectory::create(run_.path());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().fault, Fault::infra);
  EXPECT_THAT(run.error().message, AllOf(HasSubstr(run_.path().string()), HasSubstr("needs 64 MiB")));
}

TEST_F(Run, FullDiskNeverCostsTheRawLog) {
  const SmallDisk disk(run_.path());
  if (!disk.good()) GTEST_SKIP() << "needs the right to mount";
  const std::string text = console(100000);
  ASSERT_TRUE(write_file(run_.file(names::serial), text));
  (void)!write_file(run_.file("ballast"), std::string(8 << 20, 'x'));
  std::string filler(4096, 'x');
  for (int i = 0; write_file(run_.file("ballast" + std::to_string(i)), filler); ++i) {
  }
  EXPECT_FALSE(run_.compress());
  EXPECT_EQ(*run_.read_serial(), text);
  EXPECT_FALSE(fs::exists(run_.file("serial.log.xz.new")));
}

}  // namespace
}  // namespace hangar::store
