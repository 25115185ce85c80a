// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/kernel/build/checked.h"
#include "harness/kernel/build/signature.h"
#include "harness/kernel/build/store.h"
#include "tests/unit/small_elf.h"

namespace hangar::kernel {
namespace {

using testing::HasSubstr;

class KernelStore : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "store-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    inputs_.key = std::string(64, 'a');
    inputs_.tree.label = "linux-source-6.1 6.1.192-2";
    ASSERT_TRUE(fs::create_directories(place()));
    put("bzImage", "image");
    put(".config", "CONFIG_SMP=y\n");
    put("vmlinux", small_elf::file_of({{".text", 0x1000, SHF_ALLOC, "code"}}));
    BuildFacts facts;
    facts.build_s = 12.5;
    facts.steps = 1300;
    facts.release = "6.1.192";
    const auto written = write_manifest(place(), inputs_, facts);
    ASSERT_TRUE(written) << written.error().message;
  }
  fs::path place() const { return artifact_path(folder_->path(), inputs_.key); }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(place() / name, text));
  }
  Loaded load() const { return load_artifact(folder_->path(), inputs_.key); }

  std::unique_ptr<TempDir> folder_;
  Inputs inputs_;
};

TEST_F(KernelStore, WhatWasWrittenIsFound) {
  const Loaded loaded = load();
  ASSERT_TRUE(loaded.artifact) << loaded.damage;
  EXPECT_EQ(loaded.artifact->release, "6.1.192");
  EXPECT_EQ(loaded.artifact->build_s, 12.5);
  EXPECT_EQ(loaded.artifact->bzimage, place() / "bzImage");
}

TEST_F(KernelStore, TheManifestHasTheOriginOfTheKernel) {
  inputs_.tree.revision = {"0123456789abcdef0123456789abcdef01234567", true, "diff"};
  ASSERT_TRUE(write_manifest(place(), inputs_, BuildFacts()));
  const auto artifact = load().artifact;
  ASSERT_TRUE(artifact);
  EXPECT_EQ(artifact->source, "linux-source-6.1 6.1.192-2");
  EXPECT_EQ(artifact->revision.commit, inputs_.tree.revision.commit);
  EXPECT_EQ(artifact->revision.dirty, true);
  EXPECT_EQ(artifact->config_digest, sha256("CONFIG_SMP=y\n"));
}

TEST_F(KernelStore, AManifestOfAnEarlierVersionHasNoRevision) {
  std::string manifest = *read_file(place() / "manifest.json");
  for (const std::string line : {",\n    \"revision\": null", "\"dirty\": null,\n    "}) {
    ASSERT_NE(manifest.find(line), std::string::npos) << manifest;
    manifest.erase(manifest.find(line), line.size());
  }
  put("manifest.json", manifest);
  const Loaded loaded = load();
  ASSERT_TRUE(loaded.artifact) << loaded.damage;
  EXPECT_EQ(loaded.artifact->revision.commit, "");
  EXPECT_EQ(loaded.artifact->revision.dirty, std::nullopt);
}

TEST_F(KernelStore, NothingIsNotDamage) {
  const Loaded loaded = load_artifact(folder_->path(), std::string(64, 'b'));
  EXPECT_FALSE(loaded.artifact);
  EXPECT_EQ(loaded.damage, "");
}

TEST_F(KernelStore, AFileThatIsUnchangedIsNotReadAgain) {
  EXPECT_TRUE(load().artifact);
  EXPECT_TRUE(read_checked(place()).stamps.empty()) << "the files were written just now";
  // stamp_of() has none for a file that was changed in the last two seconds, in whole seconds.
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  EXPECT_TRUE(load().artifact);
  EXPECT_EQ(read_checked(place()).stamps.size(), 3U);
  std::string manifest = *read_file(place() / "manifest.json");
  const std::string digest = sha256("image");
  ASSERT_NE(manifest.find(digest), std::string::npos);
  put("manifest.json", manifest.replace(manifest.find(digest), digest.size(), sha256("imagf")));
  EXPECT_EQ(load().damage, "") << "bzImage has the stamp that it had";
  EXPECT_THAT(load_artifact(folder_->path(), inputs_.key, Check::contents).damage, HasSubstr("bzImage"));
  put("bzImage", "imagf");
  EXPECT_EQ(load().damage, "");
  put("bzImage", "image");
  EXPECT_THAT(load().damage, HasSubstr("bzImage"));
}

TEST_F(KernelStore, EveryKindOfDamageIsSeen) {
  put("bzImage", "imagf");
  EXPECT_THAT(load().damage, HasSubstr("checksum mismatch: bzImage"));
  put("bzImage", "image");
  EXPECT_EQ(load().damage, "");
  std::filesystem::remove(place() / ".config");
  EXPECT_THAT(load().damage, HasSubstr(".config cannot be read"));
  const std::string manifest = *read_file(place() / "manifest.json");
  for (size_t size = 0; size + 2 < manifest.size(); size += 7) {
    put("manifest.json", manifest.substr(0, size));
    EXPECT_NE(load().damage, "") << size;
  }
  put("manifest.json", "[1,2]");
  EXPECT_NE(load().damage, "");
  std::filesystem::remove(place() / "manifest.json");
  EXPECT_THAT(load().damage, HasSubstr("manifest is missing"));
}

TEST_F(KernelStore, ASignatureOfAnEarlierVersionIsComputedAgain) {
  const std::string signature = load().artifact->signature;
  EXPECT_EQ(signature, kernel_signature(*read_file(place() / "vmlinux")));
  std::string manifest = *read_file(place() / "manifest.json");
  manifest.replace(manifest.find(signature), signature.size(), std::string(64, 'a'));
  put("manifest.json", manifest);
  const Loaded loaded = load();
  ASSERT_TRUE(loaded.artifact) << loaded.damage;
  EXPECT_EQ(loaded.artifact->signature, signature);
}

TEST_F(KernelStore, AnEarlierBuildTellsHowLong) {
  const auto found = find_precedent(folder_->path(), inputs_, true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->steps, 1300u);
  EXPECT_FALSE(find_precedent(folder_->path(), inputs_, false));
  inputs_.config.push_back({"base", "text", {}});
  EXPECT_FALSE(find_precedent(folder_->path(), inputs_, true));
}

}  // namespace
}  // namespace hangar::kernel
