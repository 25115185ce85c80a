// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/image.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"

namespace hangar::image {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* good_program = "#include \"hangar_guest.h\"\nint main(void) { return VALUE; }\n";

// A small checkout and a cache, built with the real compiler, mke2fs and debugfs.
class Image : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("musl-gcc") || !find_program("mke2fs") || !find_program("debugfs"))
      GTEST_SKIP() << "needs musl-tools and e2fsprogs";
    auto made = TempDir::make(testing::TempDir(), "image");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    make_tree(tree());
  }

  static void make_tree(const fs::path& tree) {
    put(tree / "images/guest/hangar_guest.h", "#define VALUE 3\n");
    put(tree / "images/guest/init.c",
        "#include <assert.h>\n#include <stdlib.h>\nint help(void);\nint main(void) { assert(getenv(\"A\")); "
        "return help(); }\n");
    put(tree / "images/guest/util.c", "int help(void) { return 0; }\n");
    put(tree / "reproducers/spin/spin.c", good_program);
    put(tree / "reproducers/hog/hog.c", good_program);
    put(tree / "reproducers/hog/README.md", "not a program\n");
  }

  static void put(const fs::path& file, const std::string& text) {
    ASSERT_TRUE(fs::create_directories(file.parent_path()));
    ASSERT_TRUE(write_file(file, text));
  }

  [[nodiscard]] fs::path tree() const { return folder_->path() / "tree"; }
  [[nodiscard]] ImageRequest request() const {
    ImageRequest request;
    request.source_tree = tree();
    request.cache = folder_->path() / "cache";
    return request;
  }

  static std::string debugfs(const Images& images, const std::string& what) {
    const auto finished = run_process({{"debugfs", "-R", what, images.disk.string()}});
    return finished ? finished->output : "";
  }

  std::optional<TempDir> folder_;
};

TEST_F(Image, HoldsInitAndReproducers) {
  const auto images = build_images(request());
  ASSERT_TRUE(images) << images.error().message << images.error().detail;
  EXPECT_THAT(images->programs, ElementsAre("hog", "spin"));
  EXPECT_FALSE(images->cached);
  EXPECT_EQ(images->initrd_digest, *sha256_file(images->initrd));
  EXPECT_TRUE(verify_images(*images));
  EXPECT_THAT(debugfs(*images, "stat /bin/hog"), AllOf(HasSubstr("Mode:  0755"), HasSubstr("2001")));
  const auto checked = run_process({{"e2fsck", "-f", "-n", images->disk.string()}});
  EXPECT_TRUE(checked && checked->good()) << checked->output;
  const std::string initrd = *read_file(images->initrd);
  EXPECT_EQ(initrd.substr(0, 6), "070701");
  EXPECT_THAT(initrd, HasSubstr("dev/console"));
}

TEST_F(Image, DiskIsSparseAndReadableByOthers) {
  const auto images = build_images(request());
  ASSERT_TRUE(images) << images.error().message;
  struct stat info = {};
  ASSERT_EQ(::stat(images->disk.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 128 << 20);
  EXPECT_LT(info.st_blocks * 512, 10 << 20);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
  ASSERT_EQ(::stat(images->disk.parent_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755u);
}

TEST_F(Image, SecondCallOnlyLooksItUp) {
  const auto first = build_images(request());
  ASSERT_TRUE(first) << first.error().message;
  const auto began = std::chrono::steady_clock::now();
  const auto second = build_images(request());
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->cached);
  EXPECT_EQ(second->disk, first->disk);
  EXPECT_EQ(second->disk_digest, first->disk_digest);
  RecordProperty("lookup_ms", std::to_string(took.count()));
}

// The same sources in another folder, at another time, by a pedantic umask: the same bytes.
TEST_F(Image, BytesAreReproducible) {
  const auto first = build_images(request());
  ASSERT_TRUE(first) << first.error().message;
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  ImageRequest other = request();
  other.source_tree = folder_->path() / "elsewhere/with a longer name";
  other.cache = folder_->path() / "other-cache";
  make_tree(other.source_tree);
  const mode_t before = ::umask(077);
  const auto second = build_images(other);
  ::umask(before);
  ASSERT_TRUE(second) << second.error().message << second.error().detail;
  EXPECT_NE(second->disk, first->disk);
  EXPECT_EQ(second->initrd_digest, first->initrd_digest);
  EXPECT_EQ(second->disk_digest, first->disk_digest);
  EXPECT_EQ(second->disk.parent_path().filename(), first->disk.parent_path().filename());
}

TEST_F(Image, ChangedHeaderMeansOtherImages) {
  const auto first = build_images(request());
  put(tree() / "images/guest/hangar_guest.h", "#define VALUE 4\n");
  const auto second = build_images(request());
  ASSERT_TRUE(first && second);
  EXPECT_NE(second->disk_digest, first->disk_digest);
}

TEST_F(Image, CompileErrorIsTheUsersAndShowsTheCompiler) {
  put(tree() / "reproducers/hog/hog.c", "int main(void) { return nonsense; }\n");
  const auto images = build_images(request());
  ASSERT_FALSE(images);
  EXPECT_EQ(images.error().fault, Fault::user);
  EXPECT_THAT(images.error().message, HasSubstr("`hog` does not compile"));
  EXPECT_THAT(images.error().detail,
              AllOf(HasSubstr("hog.c:1:"), HasSubstr("nonsense"), HasSubstr("musl-gcc")));
}

TEST_F(Image, DamagedEntryIsMadeAnew) {
  const auto first = build_images(request());
  ASSERT_TRUE(first);
  std::filesystem::resize_file(first->disk, 1000);
  EXPECT_FALSE(verify_images(*first));
  const auto second = build_images(request());
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->cached);
  EXPECT_TRUE(verify_images(*second));
}

TEST_F(Image, ExtraProgramIsCompiledAndAdded) {
  ImageRequest with = request();
  with.extra_program = folder_->path() / "mine.c";
  put(*with.extra_program, good_program);
  const auto images = build_images(with);
  ASSERT_TRUE(images) << images.error().message << images.error().detail;
  EXPECT_EQ(images->extra_program, "/repro/bin/mine");
  EXPECT_THAT(images->programs, ElementsAre("hog", "mine", "spin"));
  const auto without = build_images(request());
  ASSERT_TRUE(without);
  EXPECT_EQ(without->initrd_digest, images->initrd_digest);
  EXPECT_NE(without->disk_digest, images->disk_digest);
}

TEST_F(Image, WithARootScriptsAndDynamicProgramsAreTaken) {
  ImageRequest with = request();
  with.has_root = true;
  put(folder_->path() / "script", "#!/bin/sh\n");
  put(folder_->path() / "text", "no program\n");
  for (const fs::path& program : {fs::path("/bin/ls"), folder_->path() / "script"}) {
    with.extra_program = program;
    const auto images = build_images(with);
    ASSERT_TRUE(images) << images.error().message;
    EXPECT_EQ(images->extra_program, "/repro/bin/" + program.filename().string());
  }
  with.extra_program = folder_->path() / "text";
  const auto refused = build_images(with);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("neither an ELF program nor a script"));
}

TEST_F(Image, ExtraProgramThatCannotRunIsRefused) {
  const auto message = [&](const fs::path& program) {
    ImageRequest with = request();
    with.extra_program = program;
    const auto images = build_images(with);
    return images ? "" : images.error().message;
  };
  put(folder_->path() / "script", "#!/bin/sh\n");
  put(folder_->path() / "cut", std::string("\x7f"
                                           "ELF",
                                           4));
  EXPECT_THAT(message("/bin/ls"), HasSubstr("dynamically linked"));
  EXPECT_THAT(message("/bin/ls"), HasSubstr("--image debian"));
  EXPECT_THAT(message(folder_->path() / "script"), HasSubstr("no shell: add `--image debian`"));
  EXPECT_THAT(message(folder_->path() / "cut"), HasSubstr("not an ELF program"));
  EXPECT_THAT(message("/no/such"), HasSubstr("no such file"));
}

TEST_F(Image, XfsHoldsTheReproducersToo) {
  ImageRequest xfs = request();
  xfs.disk_fs = "xfs";
  const auto images = build_images(xfs);
  ASSERT_TRUE(images) << images.error().message << images.error().detail;
  EXPECT_NE(images->disk, build_images(request())->disk);
  const auto listed = run_process({{"xfs_db", "-r", "-c", "ls /bin", images->disk.string()}});
  ASSERT_TRUE(listed && listed->good());
  EXPECT_THAT(listed->output, AllOf(HasSubstr("hog"), HasSubstr("spin")));
  const auto checked = run_process({{"xfs_repair", "-n", images->disk.string()}});
  EXPECT_TRUE(checked && checked->good()) << checked->output;
  xfs.disk_bytes = 128 << 20;
  EXPECT_THAT(build_images(xfs).error().message, HasSubstr("at least 300 MiB"));
}

TEST_F(Image, BadDiskIsTheUsersError) {
  ImageRequest odd = request();
  odd.disk_fs = "ntfs";
  EXPECT_THAT(build_images(odd).error().message, HasSubstr("ntfs"));
  odd = request();
  odd.disk_bytes = 5000;
  EXPECT_EQ(build_images(odd).error().fault, Fault::user);
}

TEST_F(Image, ManyAtOnceAgree) {
  std::vector<std::string> digests(4);
  std::vector<std::thread> threads;
  threads.reserve(digests.size());
  for (std::string& digest : digests) {
    threads.emplace_back([&] {
      const auto images = build_images(request());
      digest = images ? images->disk_digest : images.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(digests, testing::Each(digests[0]));
  EXPECT_EQ(digests[0].size(), 64u);
}

}  // namespace
}  // namespace hangar::image
