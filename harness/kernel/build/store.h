// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/build/inputs.h"

// Finished artifacts on disk: <cache>/kernels/<key>/{bzImage,vmlinux,.config,manifest.json,build.log};
// prebuilt ones have modules/ and no vmlinux.
namespace hangar::kernel {

// What a build adds to its inputs in the manifest.
struct BuildFacts {
  double build_s = 0;
  size_t steps = 0;          // of make
  std::string started_from;  // key digits of the object tree; "" for a cold build
  std::string release;
};

[[nodiscard]] fs::path artifact_path(const fs::path& cache, const std::string& key);

// Writes manifest.json into `folder`, which holds the other files already.
[[nodiscard]] Result<void> write_manifest(const fs::path& folder, const Inputs& inputs,
                                          const BuildFacts& facts);

// The same for a kernel that was built elsewhere: bzImage, .config and `modules` (file names below modules/,
// in the order in which they are loaded) are there.
[[nodiscard]] Result<void> write_prebuilt_manifest(const fs::path& folder, const std::string& key,
                                                   const FetchedPackage& package, const std::string& release,
                                                   const std::vector<std::string>& modules);

struct Loaded {
  std::optional<Artifact> artifact;
  std::string damage;  // why there is none though the folder is there; "" when it is not there
};
enum class Check {
  changed,   // compares a file with the checksum in the manifest unless it is unchanged since it was
             // (checked.h)
  contents,  // reads every file
};
[[nodiscard]] Loaded load_artifact(const fs::path& cache, const std::string& key,
                                   Check check = Check::changed);

// Steps and seconds of an earlier build with these config fragments and this start, if any is recorded.
struct Precedent {
  size_t steps = 0;
  double build_s = 0;
};
[[nodiscard]] std::optional<Precedent> find_precedent(const fs::path& cache, const Inputs& inputs, bool cold);

}  // namespace hangar::kernel
