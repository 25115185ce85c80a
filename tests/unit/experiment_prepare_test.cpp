// SPDX-License-Identifier: GPL-2.0-only
// What can be known of an experiment before anything is built or booted.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/experiment/prepare.h"
#include "tests/places.h"

namespace hangar::experiment {
namespace {

using testing::HasSubstr;

TEST(CanMount, BuiltInOrAModuleThatIsLoaded) {
  const std::string config = "CONFIG_A=y\nCONFIG_EXT4_FS=y\nCONFIG_XFS_FS=m\nCONFIG_XFS_FS_QUOTA=y\n";
  EXPECT_TRUE(can_mount(config, {}, "ext4"));
  EXPECT_FALSE(can_mount(config, {}, "xfs"));
  EXPECT_FALSE(can_mount(config, {"/m/ext4.ko"}, "xfs"));
  EXPECT_TRUE(can_mount(config, {"/m/libcrc32c.ko", "/m/xfs.ko"}, "xfs"));
  EXPECT_FALSE(can_mount("# CONFIG_XFS_FS is not set\n", {}, "xfs"));
  EXPECT_FALSE(can_mount("", {}, "ext4"));
}

TEST(CanMount, TheMessageNamesAKernelWithWhatTheRootNeeds) {
  const std::string ext4 = "CONFIG_A=y\nCONFIG_EXT4_FS=y\n";
  const std::string shares = ext4 + "CONFIG_9P_FS=y\nCONFIG_NET_9P_VIRTIO=y\nCONFIG_OVERLAY_FS=y\n";
  EXPECT_TRUE(check_root("v6.1", "", {}, ImageKind::initramfs));
  EXPECT_TRUE(check_root("v6.1", ext4, {}, ImageKind::debian));
  EXPECT_TRUE(check_root("v6.1", shares, {}, ImageKind::host));
  const auto no_ext4 = check_root("v6.1", "CONFIG_A=y\n", {}, ImageKind::disk);
  ASSERT_FALSE(no_ext4);
  EXPECT_THAT(no_ext4.error().message, HasSubstr("use v6.1+ext4"));
  const auto no_9p = check_root("v6.1", ext4, {}, ImageKind::host);
  ASSERT_FALSE(no_9p);
  EXPECT_THAT(no_9p.error().message, HasSubstr("use v6.1+9p"));
}

run::Request request_for(const std::string& scenario) {
  run::Request request;
  request.source_tree = places::source;
  request.scenarios = {scenario};
  return request;
}

TEST(Cells, ACommandNeedsAnImageWithAShell) {
  run::Request request = request_for("nothing");
  request.command = "stress-ng --vm 1";
  const auto refused = make_cells(request);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("--image debian"));
  request.machine.image = scenario::ImageChoice{ImageKind::debian, {"stress-ng"}, "", ""};
  const auto cells = make_cells(request);
  ASSERT_TRUE(cells) << cells.error().message;
  EXPECT_EQ(guest_argv(cells->front().scenario.reproducer).back(), "stress-ng --vm 1");
}

TEST(Cells, OfTheWholeMatrixWhenItIsAskedFor) {
  run::Request request = request_for("oom-storm");
  const auto few = make_cells(request);
  ASSERT_TRUE(few) << few.error().message;
  request.matrix = true;
  request.machine.disk = "xfs";
  request.machine.disk_iops = 50;
  const auto all = make_cells(request);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_GT(all->size(), few->size());
  EXPECT_EQ(all->front().kernel.name, few->front().kernel.name);
  EXPECT_EQ(run::describe_machine(all->back().scenario, Accel::tcg), "2 vCPUs, 256 MiB, xfs of 50 IOPS, tcg");
}

TEST(Cells, OfASequenceHaveItsProgramsAndRefuseWhatReplacesOne) {
  run::Request request = request_for("sequence-hangs");
  const auto cells = make_cells(request);
  ASSERT_TRUE(cells) << cells.error().message;
  EXPECT_EQ(cells->front().step_files.size(), 6u);
  EXPECT_FALSE(cells->front().program_file);
  request.args = {{"n", "1"}};
  EXPECT_THAT(make_cells(request).error().message, HasSubstr("--arg replaces"));
  request.args.clear();
  request.steps = {7};
  EXPECT_THAT(make_cells(request).error().message, HasSubstr("no step 7"));
}

std::vector<int> numbers_of(const run::RunSpec& spec) {
  std::vector<int> numbers;
  for (const run::Step& step : spec.steps) numbers.push_back(step.number);
  return numbers;
}

TEST(Steps, AreInTheOrderOfTheFileOfTheRequestOrOfTheSeed) {
  run::Request request = request_for("sequence-hangs");
  auto cells = make_cells(request);
  ASSERT_TRUE(cells) << cells.error().message;
  Cell& cell = cells->front();
  run::RunSpec spec;
  spec.seed = 3;
  set_steps(request, cell, spec);
  EXPECT_THAT(numbers_of(spec), testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(spec.shuffled);
  EXPECT_EQ(spec.steps[4].name, "waiter");
  EXPECT_THAT(spec.steps[2].argv, testing::ElementsAre("/repro/bin/fork-some", "--processes", "4"));
  EXPECT_TRUE(spec.steps[3].may_fail);
  cell.scenario.order = scenario::Order::random;
  set_steps(request, cell, spec);
  const auto first = numbers_of(spec);
  EXPECT_TRUE(spec.shuffled);
  EXPECT_THAT(first, testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6));
  spec.seed = 4;
  set_steps(request, cell, spec);
  EXPECT_NE(numbers_of(spec), first);
  request.steps = {5, 2, 2};
  set_steps(request, cell, spec);
  EXPECT_THAT(numbers_of(spec), testing::ElementsAre(5, 2, 2));
  EXPECT_FALSE(spec.shuffled);
}

Cell cell_of(const std::string& kernel, std::optional<Accel> accel = {}) {
  Cell cell;
  cell.kernel.name = kernel;
  cell.scenario.machine.accel = accel;
  return cell;
}

TEST(MakeBundle, HasTheKernelsOrigin) {
  run::Request request = request_for("oom-storm");
  request.append = " swiotlb=force ";
  Prepared prepared;
  auto cells = make_cells(request);
  ASSERT_TRUE(cells) << cells.error().message;
  prepared.cells = {cells->front()};
  prepared.accels = {Accel::tcg};
  kernel::Artifact artifact;
  artifact.source = "linux-source-6.1 6.1.192-2";
  artifact.revision = {"0123456789abcdef0123456789abcdef01234567", true, "-a\n+b\n"};
  artifact.config_digest = "c0";
  artifact.signature = "2-d0";
  const std::string& name = prepared.cells[0].kernel.name;
  prepared.artifacts.emplace(name, artifact);
  prepared.images.emplace(ImagesKey{"", prepared.cells[0].scenario.machine.disk, ""}, image::Images());
  prepared.roots.emplace("initramfs", image::Root());
  const auto bundle = make_bundle(request, prepared, 0, "");
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->kernel_source, artifact.source);
  EXPECT_EQ(bundle->kernel_revision, artifact.revision.commit);
  EXPECT_EQ(bundle->kernel_dirty, true);
  EXPECT_EQ(bundle->kernel_diff, "-a\n+b\n");
  EXPECT_EQ(bundle->kernel_config_digest, "c0");
  EXPECT_EQ(bundle->kernel_signature, "2-d0");
  EXPECT_EQ(bundle->append, "swiotlb=force");
  EXPECT_TRUE(bundle->cmdline.ends_with(" swiotlb=force"));
}

TEST(Accel, OfEachCellIsItsScenariosAndIsProbedOncePerKernel) {
  const std::vector<Cell> cells = {cell_of("a"), cell_of("a", Accel::tcg), cell_of("b"), cell_of("a"),
                                   cell_of("b", Accel::kvm)};
  std::vector<std::string> probed;
  const auto accels = choose_accels(cells, [&](const Cell& cell) -> Result<Accel> {
    probed.push_back(cell.kernel.name);
    return cell.kernel.name == "a" ? Accel::kvm : Accel::tcg;
  });
  ASSERT_TRUE(accels);
  EXPECT_THAT(*accels, testing::ElementsAre(Accel::kvm, Accel::tcg, Accel::tcg, Accel::kvm, Accel::kvm));
  EXPECT_THAT(probed, testing::ElementsAre("a", "b"));
}

TEST(Accel, ThatAnExperimentChoseIsKeptAndNotProbedAgain) {
  std::vector<Cell> cells = {cell_of("a"), cell_of("b")};
  keep_accels(cells, {Accel::tcg});
  EXPECT_EQ(cells[0].scenario.machine.accel, std::nullopt) << "one for two cells fits none";
  keep_accels(cells, {Accel::kvm, Accel::tcg});
  const auto accels =
      choose_accels(cells, [](const Cell&) -> Result<Accel> { return infra_error("it must not be asked"); });
  ASSERT_TRUE(accels);
  EXPECT_THAT(*accels, testing::ElementsAre(Accel::kvm, Accel::tcg));
}

// Nothing expected is always met: such a cell would pass whatever its guest does.
TEST(Cells, NoneIsWithoutExpectations) {
  for (const std::string& name : scenario::list_scenarios(places::source, scenario::Listed::all)) {
    run::Request request = request_for(name);
    request.matrix = true;
    const auto cells = make_cells(request);
    ASSERT_TRUE(cells) << name << ": " << cells.error().message;
    for (const Cell& cell : *cells) {
      const auto& run = cell.expected.each_run;
      EXPECT_TRUE(run.hang || run.oom_kills || run.crashes) << name << " on " << cell.kernel.name;
    }
  }
}

TEST(Reproducers, EachStudyHasAPlaceForItsTable) {
  for (const auto& entry : std::filesystem::directory_iterator(fs::path(places::source) / "reproducers")) {
    if (!fs::exists(entry.path() / "study.yaml") && !fs::exists(entry.path() / "runs.jsonl")) continue;
    EXPECT_THAT(*read_file(entry.path() / "README.md"), HasSubstr("<!-- measured: begin -->"))
        << entry.path();
  }
}

}  // namespace
}  // namespace hangar::experiment
