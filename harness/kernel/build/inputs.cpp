// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/inputs.h"

#include "harness/base/digest.h"
#include "harness/kernel/spec/stack.h"

namespace hangar::kernel {
namespace {

std::string key_of(const Inputs& inputs) {
  Digest digest;
  digest.add("recipe", std::to_string(recipe_version));
  digest.add("source", inputs.tree.digest);
  digest.add("compiler", inputs.tools.compiler_line);
  digest.add("linker", inputs.tools.linker_line);
  for (const auto& fragment : inputs.config) digest.add("config", fragment.text);
  for (const auto& patch : inputs.patches) digest.add("patch", patch.text);
  return digest.hex();
}

// Not the source's digest: a developer's tree may start from the objects of the Debian package of its
// version, and each state of the tree from the last one's.
std::string group_of(const Inputs& inputs) {
  Version version = inputs.tree.version;
  version.resize(2);
  Digest digest;
  digest.add("recipe", std::to_string(recipe_version));
  digest.add("version", dotted(version));
  digest.add("compiler", inputs.tools.compiler_line);
  digest.add("linker", inputs.tools.linker_line);
  return digest.hex().substr(0, 16);
}

// Below the patches that the spec asks for.
void add_if_it_fits(const Series& series, Inputs& inputs) {
  if (auto patches = select_patches(series, inputs.tree.version)) {
    patches->insert(patches->end(), inputs.patches.begin(), inputs.patches.end());
    if (fits(inputs.tree.path, *patches)) {
      inputs.patches = std::move(*patches);
      return;
    }
  }
  inputs.left_out.push_back(series.name);
}

}  // namespace

std::vector<Named> Inputs::config_digests() const {
  std::vector<Named> named;
  for (const auto& fragment : config) named.emplace_back(fragment.name, sha256(fragment.text));
  return named;
}

std::vector<Named> Inputs::patch_digests() const {
  std::vector<Named> named;
  for (const auto& patch : patches) named.emplace_back(patch.name, sha256(patch.text));
  return named;
}

Result<Materials> load_materials(const Spec& spec) {
  Materials materials;
  for (const auto& name : spec.config) {
    TRY_ASSIGN(Fragment fragment, load_fragment((spec.kernels / "config").string(), name));
    materials.config.push_back(std::move(fragment));
  }
  for (const auto& name : spec.patches) {
    TRY_ASSIGN(Series series, load_series(spec.kernels, name));
    materials.series.push_back(std::move(series));
  }
  for (const auto& name : spec.if_they_fit) {
    TRY_ASSIGN(Series series, load_series(spec.kernels, name));
    materials.if_they_fit.push_back(std::move(series));
  }
  return materials;
}

Result<Inputs> complete_inputs(const Materials& materials, Tree tree, Toolchain tools) {
  Inputs inputs{std::move(tree), {}, {}, {}, std::move(tools), {}, {}};
  for (const auto& fragment : materials.config) {
    TRY_ASSIGN(Fragment selected, fragment_for(fragment, inputs.tree.version));
    inputs.config.push_back(std::move(selected));
  }
  for (const auto& series : materials.series) {
    TRY_ASSIGN(auto patches, select_patches(series, inputs.tree.version));
    for (auto& patch : patches) inputs.patches.push_back(std::move(patch));
  }
  for (const auto& series : materials.if_they_fit) add_if_it_fits(series, inputs);
  inputs.key = key_of(inputs);
  inputs.group = group_of(inputs);
  return inputs;
}

}  // namespace hangar::kernel
