// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/cache.h"

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/cache/prune.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/build/builder.h"
#include "harness/kernel/build/inputs.h"
#include "harness/kernel/build/prebuilt.h"
#include "harness/kernel/build/slot.h"
#include "harness/kernel/build/store.h"

namespace hangar::kernel {
namespace {

Result<Artifact> binary_artifact(const Spec& spec) {
  TRY_ASSIGN(const BinaryInfo info, inspect_binary(spec.source.what));
  Artifact artifact;
  artifact.name = spec.name;
  TRY_ASSIGN(artifact.key, sha256_file(spec.source.what));
  auto& place = info.form == BinaryInfo::Form::bzimage ? artifact.bzimage : artifact.vmlinux;
  place = spec.source.what;
  artifact.cmdline = spec.cmdline;
  artifact.release = info.release;
  artifact.signature = info.signature;
  return artifact;
}

// The inputs as far as they can be known without fetching anything; nothing when the source is not there.
Result<std::optional<Inputs>> known_inputs(const fs::path& cache, const Spec& spec) {
  TRY_ASSIGN(const Materials materials, load_materials(spec));
  TRY_ASSIGN(auto tree, known_tree(cache, spec.source));
  if (!tree) return std::optional<Inputs>();
  TRY_ASSIGN(Toolchain tools, find_toolchain(spec.kernels, tree->version));
  TRY_ASSIGN(Inputs inputs, complete_inputs(materials, std::move(*tree), std::move(tools)));
  return std::optional<Inputs>(std::move(inputs));
}

Result<std::optional<Artifact>> load_for(const fs::path& cache, const Spec& spec, const Inputs& inputs,
                                         const std::function<void(const std::string&)>& on_note) {
  Loaded loaded = load_artifact(cache, inputs.key);
  // Left where it is: only who holds the lock of its group may replace it, and a build does.
  if (!loaded.damage.empty() && on_note) {
    on_note(fmt::format("the cached kernel {} is damaged ({}): it has to be built again", spec.name,
                        loaded.damage));
  }
  if (loaded.artifact) {
    cache::touch(loaded.artifact->directory);
    loaded.artifact->name = spec.name;
    loaded.artifact->cmdline = spec.cmdline;
    // Not the manifest's: another tree or commit with the same content may have been built.
    loaded.artifact->source = inputs.tree.label;
    loaded.artifact->revision = inputs.tree.revision;
  }
  return std::move(loaded.artifact);
}

}  // namespace

Result<std::optional<Artifact>> Cache::find(const Spec& spec,
                                            const std::function<void(const std::string&)>& on_note) const {
  if (spec.source.kind == Source::Kind::binary) {
    TRY_ASSIGN(Artifact artifact, binary_artifact(spec));
    return std::optional<Artifact>(std::move(artifact));
  }
  if (spec.source.kind == Source::Kind::image) return known_prebuilt(root_, spec, on_note);
  auto inputs = known_inputs(root_, spec);
  if (!inputs) return std::move(inputs).error().within("kernel " + spec.name);
  if (!*inputs) return std::optional<Artifact>();
  TRY_ASSIGN(auto found, load_for(root_, spec, **inputs, on_note));
  if (found && spec.source.kind == Source::Kind::tree)
    found->revision = revision_of_tree(root_, spec.source.what, (*inputs)->tree.digest, on_note);
  return found;
}

Result<Artifact> Cache::build(const Spec& spec, const BuildOptions& options) const {
  TRY_ASSIGN(auto found, find(spec, options.on_note));
  if (found) return std::move(*found);
  if (spec.source.kind == Source::Kind::image) {
    auto fetched = obtain_prebuilt(root_, spec, options.on_note);
    return fetched ? std::move(fetched) : std::move(fetched).error().within("kernel " + spec.name);
  }
  auto built = build_kernel(root_, spec, options);
  if (!built) return std::move(built).error().within("kernel " + spec.name);
  TRY_ASSIGN(auto artifact, load_for(root_, spec, *built, options.on_note));
  if (!artifact)
    return infra_error(fmt::format("the kernel {} was damaged just after it was built", spec.name));
  if (options.kept != nullptr) cache::keep_to_limit(*options.kept, options.on_note);
  return std::move(*artifact);
}

Result<Plan> Cache::plan(const Spec& spec) const {
  Plan plan;
  if (spec.source.kind == Source::Kind::binary) {
    TRY_ASSIGN(const Artifact artifact, binary_artifact(spec));
    plan.cached = plan.has_source = true;
    plan.key = artifact.key;
    return plan;
  }
  if (spec.source.kind == Source::Kind::image) {
    TRY_ASSIGN(const auto known, known_prebuilt(root_, spec, {}));
    plan.cached = plan.has_source = known.has_value();
    if (known) plan.key = known->key;
    return plan;
  }
  TRY_ASSIGN(const auto inputs, known_inputs(root_, spec));
  if (!inputs) return plan;
  plan.has_source = true;
  plan.key = inputs->key;
  plan.cached = load_artifact(root_, inputs->key).artifact.has_value();
  const auto slots = list_slots(root_ / "objects" / inputs->group);
  const Slot* base = nearest_slot(slots, *inputs);
  if (base != nullptr) plan.started_from = base->path.filename().string();
  if (const auto precedent = find_precedent(root_, *inputs, base == nullptr))
    plan.expected_s = precedent->build_s;
  return plan;
}

}  // namespace hangar::kernel
