// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cluster/objects.h"
#include "harness/cluster/patience.h"
#include "harness/cluster/share.h"

namespace hangar::cluster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShareTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "share");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    share_.emplace(folder_->path(), "20261130-021530-4f2a9c");
    ASSERT_TRUE(share_->create());
  }

  std::optional<TempDir> folder_;
  std::optional<Share> share_;
};

TEST_F(ShareTest, OneOfManyCopiesCompletesARun) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> first = 0;
    {
      std::vector<std::jthread> copies;
      for (int i = 0; i < 8; ++i) {
        copies.emplace_back([&, i] {
          Completion completion;
          completion.run = {0, round};
          completion.id = "20261130-021530-00000" + std::to_string(i);
          const auto done = share_->complete(completion);
          ASSERT_TRUE(done) << done.error().message;
          if (*done) ++first;
        });
      }
    }
    EXPECT_EQ(first, 1);
    ASSERT_TRUE(share_->completion({0, round}));
  }
  EXPECT_THAT(*share_->completions(), SizeIs(20)) << "no temporary file counts";
}

TEST_F(ShareTest, CompletionIsReadAsItIsWritten) {
  const Completion completion{{2, 7}, "20261130-021530-4f2a9c", "", "n1", "EPYC", 12, 3, 1, -2.5};
  ASSERT_TRUE(*share_->complete(completion));
  const auto read = share_->completion({2, 7});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, completion.id);
  EXPECT_EQ(read->node, "n1");
  EXPECT_EQ(read->cpu, "EPYC");
  EXPECT_EQ(read->array, 12);
  EXPECT_EQ(read->index, 3);
  EXPECT_EQ(read->restarts, 1);
  EXPECT_EQ(read->clock_ahead_s, -2.5);
  EXPECT_THAT(*share_->completions(), ElementsAre(RunKey{2, 7}));
}

TEST_F(ShareTest, DamagedCompletionIsAnErrorThatNamesItsFile) {
  for (const char* text : {"", "{", "[]", R"({"schema": "hangar.completion/9"})",
                           R"({"schema": "hangar.completion/1", "cell": "x"})"}) {
    ASSERT_TRUE(write_file(share_->folder() / "done/0-0.json", text));
    const auto read = share_->completion({0, 0});
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("0-0.json")) << text;
  }
}

TEST_F(ShareTest, StartsAreCountedByRun) {
  ASSERT_TRUE(share_->mark_start({0, 1}, "n1.example.org"));
  ASSERT_TRUE(share_->mark_start({0, 1}, "n2"));
  ASSERT_TRUE(share_->mark_start({1, 0}, "n1.example.org"));
  const auto starts = share_->starts();
  ASSERT_TRUE(starts);
  EXPECT_EQ(starts->at({0, 1}), 2);
  EXPECT_EQ(starts->at({1, 0}), 1);
}

TEST_F(ShareTest, ErrorsAreTakenOnce) {
  ASSERT_TRUE(share_->add_error({"n1", true, "n1 cannot run guests under KVM"}));
  const auto errors = share_->take_errors();
  ASSERT_TRUE(errors);
  ASSERT_THAT(*errors, SizeIs(1));
  EXPECT_EQ(errors->front().node, "n1");
  EXPECT_TRUE(errors->front().node_is_unfit);
  EXPECT_THAT(*share_->take_errors(), IsEmpty());
}

TEST_F(ShareTest, TaskAndCellAreReadAsTheyAreWritten) {
  SharedCell cell;
  cell.bundle.scenario = "mmap-lock-livelock";
  cell.bundle.cpus = 3;
  cell.bundle.steps = {{"first", 1, {"a", "b"}, false}, {"second", 2, {"c"}, true}};
  cell.objects = {"k", "i", "d", ""};
  cell.scenario_file = "reproducers/x/scenario.yaml";
  cell.machine = "3 vCPUs";
  ASSERT_TRUE(write_file(share_->cell_file(1), to_json(cell)));
  const SharedRun run{{1, 4}, 99, std::chrono::milliseconds(17), 2, true, {2, 1, 1}};
  ASSERT_TRUE(write_file(share_->task_file(0), to_json(std::vector<SharedRun>{run})));
  const auto read_cell = share_->cell(1);
  ASSERT_TRUE(read_cell) << read_cell.error().message;
  EXPECT_EQ(read_cell->machine, "3 vCPUs");
  EXPECT_EQ(read_cell->objects.initrd, "i");
  const auto runs = share_->task(0);
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_THAT(*runs, SizeIs(1));
  const run::Bundle bundle = bundle_of(*read_cell, runs->front());
  EXPECT_EQ(bundle.scenario, "mmap-lock-livelock");
  EXPECT_EQ(bundle.repeat, 4);
  EXPECT_EQ(bundle.seed, 99u);
  EXPECT_EQ(bundle.start_delay.count(), 17);
  EXPECT_EQ(bundle.guest_number, 2);
  ASSERT_THAT(bundle.steps, SizeIs(3));
  EXPECT_EQ(bundle.steps[0].name, "second");
  EXPECT_TRUE(bundle.steps[0].may_fail);
  EXPECT_EQ(bundle.steps[2].name, "first");
}

TEST_F(ShareTest, ClockOfTheFolderIsThisHostsOwn) {
  const auto ahead = clock_ahead_of(share_->folder());
  ASSERT_TRUE(ahead) << ahead.error().message;
  EXPECT_NEAR(*ahead, 0, 1);
  EXPECT_FALSE(clock_ahead_of(share_->folder() / "missing"));
}

TEST_F(ShareTest, ObjectIsSharedOnceAndCopiedOnce) {
  const fs::path file = folder_->path() / "bzImage";
  ASSERT_TRUE(write_file(file, "a kernel"));
  const auto digest = put_object(folder_->path(), file);
  ASSERT_TRUE(digest) << digest.error().message;
  ASSERT_EQ(*put_object(folder_->path(), file), *digest);
  EXPECT_THAT(*fs::list(folder_->path() / "objects"), SizeIs(1));
  const fs::path node = folder_->path() / "node";
  const auto object = get_object(folder_->path(), node, *digest);
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*read_file(object->file), "a kernel");
  // The copy is enough.
  ASSERT_TRUE(fs::remove(folder_->path() / "objects" / *digest));
  EXPECT_TRUE(get_object(folder_->path(), node, *digest));
}

TEST_F(ShareTest, DamagedObjectsAreNotUsed) {
  const fs::path file = folder_->path() / "bzImage";
  ASSERT_TRUE(write_file(file, "a kernel"));
  const std::string digest = *put_object(folder_->path(), file);
  const fs::path node = folder_->path() / "node";
  const fs::path copy = get_object(folder_->path(), node, digest)->file;
  ASSERT_TRUE(write_file(copy, "a colonel"));
  EXPECT_EQ(*read_file(get_object(folder_->path(), node, digest)->file), "a kernel") << "copied again";
  ASSERT_TRUE(write_file(folder_->path() / "objects" / digest, "x kernel"));
  EXPECT_TRUE(get_object(folder_->path(), node, digest)) << "the node's copy is whole";
  const auto fresh = get_object(folder_->path(), folder_->path() / "other", digest);
  ASSERT_FALSE(fresh);
  EXPECT_THAT(fresh.error().message, HasSubstr("checksum mismatch"));
}

TEST_F(ShareTest, OldCopiesArePrunedButForThoseInUse) {
  const fs::path node = folder_->path() / "node";
  std::vector<std::string> digests;
  for (int i = 0; i < 3; ++i) {
    const fs::path file = folder_->path() / "object";
    ASSERT_TRUE(write_file(file, std::string(100000, static_cast<char>('a' + i))));
    digests.push_back(*put_object(folder_->path(), file));
    ASSERT_TRUE(get_object(folder_->path(), node, digests.back()));
  }
  const auto held = get_object(folder_->path(), node, digests[0]);
  ASSERT_TRUE(held);
  ASSERT_TRUE(prune_objects(node, 0));
  EXPECT_TRUE(fs::exists(held->file));
  EXPECT_FALSE(fs::exists(node / "objects" / digests[1]));
  EXPECT_FALSE(fs::exists(node / "objects" / digests[2]));
}

TEST(Patience, TriesAgainUntilItSucceedsOrIsHopeless) {
  int calls = 0;
  const auto third = [&]() -> Result<int> {
    return ++calls < 3 ? Result<int>(infra_error("not yet")) : Result<int>(7);
  };
  EXPECT_EQ(*patiently(std::chrono::seconds(20), third, [] { return false; }), 7);
  calls = 0;
  EXPECT_FALSE(patiently(std::chrono::seconds(20), third, [] { return true; }));
  EXPECT_EQ(calls, 1);
  calls = -1000;
  EXPECT_FALSE(patiently(std::chrono::milliseconds(50), third, [] { return false; }));
}

}  // namespace
}  // namespace hangar::cluster
