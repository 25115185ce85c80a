// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/toolchain.h"
#include "harness/kernel/config/fragment.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/series.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::kernel {

// Raised whenever the way of building changes what comes out of the same inputs.
inline constexpr int recipe_version = 1;

// Name and digest of an input, as manifests list them.
using Named = std::pair<std::string, std::string>;

// Everything that goes into one build, and the digests made of it.
struct Inputs {
  Tree tree;
  std::vector<Fragment> config;
  std::vector<PatchFile> patches;     // of the variants for this version, in order
  std::vector<std::string> left_out;  // of Spec::if_they_fit: those that do not
  Toolchain tools;
  std::string key;    // of the artifact
  std::string group;  // of the object trees that may be shared: same tools and recipe, same 6.1

  [[nodiscard]] std::vector<Named> config_digests() const;
  [[nodiscard]] std::vector<Named> patch_digests() const;
};

// What a spec asks for besides its source, read and checked before anything is downloaded.
struct Materials {
  std::vector<Fragment> config;
  std::vector<Series> series;
  std::vector<Series> if_they_fit;
};
[[nodiscard]] Result<Materials> load_materials(const Spec& spec);
[[nodiscard]] Result<Inputs> complete_inputs(const Materials& materials, Tree tree, Toolchain tools);

}  // namespace hangar::kernel
