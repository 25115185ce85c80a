// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/targets.h"

#include "harness/base/text.h"

namespace hangar::nightly {
namespace {

// The newest kernel of a target before this night.
const Kernel* kernel_before(const State& state, const std::string& target) {
  for (auto night = state.history.rbegin(); night != state.history.rend(); ++night) {
    const TargetNight* found = target_of(*night, target);
    if (found != nullptr && found->kernel) return &*found->kernel;
  }
  return nullptr;
}

// An interruption is passed on. Any other error is what happened to the target.
Result<void> fail(const Error& error, Failed at, TargetNight& target) {
  if (error.fault == Fault::interrupted) return error;
  target.failed = at;
  target.reason = reason_of(error);
  return {};
}

Result<void> take(Result<Built> built, const State& state, TargetNight& target) {
  if (!built) return fail(built.error(), Failed::build, target);
  const Kernel* before = kernel_before(state, target.name);
  target.changed = before == nullptr || before->signature != built->kernel.signature;
  target.kernel = std::move(built->kernel);
  target.build_s = built->seconds;
  return {};
}

Result<void> prepare(Progress& progress, const Target& follow, TargetNight& target) {
  auto fetched = progress.lab().fetch(follow);
  if (!fetched) return fail(fetched.error(), Failed::fetch, target);
  target.revision = fetched->revision;
  target.subject = fetched->subject;
  return take(progress.lab().build(follow, target.revision), progress.state(), target);
}

Result<void> add(Progress& progress, TargetNight target) {
  progress.night().targets.push_back(std::move(target));
  return progress.save_night();
}

}  // namespace

Result<void> prepare_targets(Progress& progress) {
  const std::string& release = progress.file().release;
  for (const Target& follow : progress.file().follow) {
    if (target_of(progress.night(), follow.name) != nullptr) continue;
    if (!progress.may_spend(0)) return {};
    TargetNight target;
    target.name = follow.name;
    TRY(prepare(progress, follow, target));
    TRY(add(progress, std::move(target)));
  }
  if (release.empty() || target_of(progress.night(), release_target) != nullptr) return {};
  if (!progress.may_spend(0)) return {};
  TargetNight target;
  target.name = release_target;
  target.revision = release;
  TRY(take(progress.lab().build_release(release), progress.state(), target));
  return add(progress, std::move(target));
}

}  // namespace hangar::nightly
