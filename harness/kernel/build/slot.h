// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/build/inputs.h"

// Object trees kept after builds, so that a variant compiles only what differs from the nearest of them:
//   <cache>/objects/<group>/<first digits of the artifact's key>/{slot.json, src/, src/obj/}
// src is a hard-linked copy of the pristine source with the patches applied (files replaced, never written in
// place), obj a real copy of the neighbour's objects: kbuild writes its .cmd files in place.
namespace hangar::kernel {

struct Slot {
  fs::path path;
  fs::path built_at;   // where it was when it was built: some of objtool's .cmd files hold that path
  std::string source;  // digest
  std::string lineage;
  std::vector<Named> config;
  std::vector<Named> patches;
  std::vector<std::string> touched;  // by the patches
  std::string objects;               // digest of all below src/obj, as the build left it
};

// All that are whole, in no order.
[[nodiscard]] std::vector<Slot> list_slots(const fs::path& group);
// Notes in the slot's folder what it is, with the digest of its objects.
[[nodiscard]] Result<void> write_slot(const Slot& slot);
// Whether its objects are those that were built: a damaged one would end up in the next kernel.
[[nodiscard]] bool is_whole(const Slot& slot);
// The one that needs the least compilation, as far as names show: nullptr for none.
[[nodiscard]] const Slot* nearest_slot(const std::vector<Slot>& slots, const Inputs& inputs);
// A distance between patch lists: what has to be taken back and what has to be applied.
[[nodiscard]] size_t patch_distance(const std::vector<Named>& from, const std::vector<Named>& to);

// Fills the new, empty folder `slot.path`: source, patches and, from `base` if there is one, objects with the
// times that make it rebuild what differs. `slot.touched` and `slot.built_at` are set.
[[nodiscard]] Result<void> lay_out(Slot& slot, const Inputs& inputs, const Slot* base);
// How many of its objects are older than the sources that they depend on, by their .cmd files.
[[nodiscard]] size_t count_stale(const Slot& slot, const Slot& base);

}  // namespace hangar::kernel
