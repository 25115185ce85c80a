// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/nightly/night.h"
#include "tests/nightly_lab.h"

// Nightly jobs on simulated kernels with their state on the disk.
namespace hangar::nightly {

// Passes writes on until the process "dies" at one of them: before it, or right after.
class DyingStore : public Store {
 public:
  DyingStore(Store& store, int at, bool after) : store_(&store), left_(at), after_(after) {}
  Result<void> save_night(const Night& night) override {
    return step([&] { return store_->save_night(night); });
  }
  Result<void> save_findings(const std::vector<Finding>& findings) override {
    return step([&] { return store_->save_findings(findings); });
  }
  Result<void> save_history(const std::vector<Night>& history) override {
    return step([&] { return store_->save_history(history); });
  }

 private:
  template <typename Write>
  Result<void> step(Write&& write) {
    if (left_ < 0) return interrupted_error();
    if (left_-- > 0) return write();
    if (after_) TRY(write());
    return interrupted_error();
  }
  Store* store_;
  int left_;
  bool after_;
};

class NightlyJob : public testing::Test {
 protected:
  void SetUp() override { restart(); }

  // A state folder without anything, and a Lab that has run nothing.
  void restart() {
    // In memory, where there is such a folder: a night is hundreds of durable writes.
    auto made = TempDir::make(fs::is_directory("/dev/shm") ? "/dev/shm" : "/tmp", "hangar-nightly-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    file = NightlyFile();
    file.name = "job";
    file.follow = {{TargetKind::git, "tree", "linux", "master", ""}};
    file.scenarios = {"hog", "swap"};
    file.notify = "mail";
    file.reports = folder_->path() / "reports";
    make_lab();
  }

  void make_lab() {
    simulated::Truth truth;
    truth.rate = [this](const Series& series, int commit) { return rate(series, commit); };
    truth.drift = [this](const Series& series, double seconds) { return drift ? drift(series, seconds) : 0; };
    lab = std::make_unique<simulated::NightlyLab>(truth, seed);
  }

  // A night of a new process, which reads the state from the disk.
  Result<Report> night(int number) {
    lab->begin_night(number);
    return process(std::nullopt, false);
  }

  Result<Report> process(std::optional<int> dies_at, bool after) {
    TRY_ASSIGN(FolderStore store, FolderStore::open(folder_->path(), file.name));
    TRY_ASSIGN(State state, store.load());
    DyingStore dying(store, dies_at.value_or(0), after);
    auto report =
        run_night(file, *lab, dies_at ? static_cast<Store&>(dying) : static_cast<Store&>(store), state);
    return report;
  }

  State stored() {
    auto store = FolderStore::open(folder_->path(), file.name);
    EXPECT_TRUE(store);
    auto state = store->load();
    EXPECT_TRUE(state) << state.error().message;
    return state ? std::move(*state) : State();
  }

  [[nodiscard]] fs::path home() const { return folder_->path(); }
  [[nodiscard]] fs::path state_folder() const { return folder_->path() / "nightly" / file.name; }

  NightlyFile file;
  std::unique_ptr<simulated::NightlyLab> lab;
  std::uint64_t seed = 1;
  std::function<double(const Series& series, int commit)> rate = [](const Series&, int) { return 0.0; };
  std::function<double(const Series& series, double seconds)> drift;

 private:
  std::optional<TempDir> folder_;
};

}  // namespace hangar::nightly
