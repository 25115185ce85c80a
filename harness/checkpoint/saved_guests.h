// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/checkpoint/saved_guest.h"

namespace hangar::checkpoint {

// What SavedGuests needs of the world.
struct SavedGuestHooks {
  std::function<Result<std::string>()> host;  // what saves and restores: QEMU's version, the CPU's model
  // Executes the bundle in a folder in a separate worker process.
  std::function<Result<void>(const run::Bundle&, const fs::path& folder)> save;
  std::function<void(const std::string&)> note;
};

// The saved guests in the cache, `<cache>/saved/<key>/`, shared by all experiments: the first user of one
// makes it, under a lock, and the others wait for it. Safe to use from several threads.
class SavedGuests {
 public:
  SavedGuests(const fs::path& cache, SavedGuestHooks hooks);

  // The guest for runs of `bundle`, made when there is none or the one there is damaged. An Error: it cannot
  // be had, and the runs boot.
  [[nodiscard]] Result<SavedGuest> get(const run::Bundle& bundle);
  // `guest` did not restore: it is removed, so that the next get() makes another.
  void discard(const SavedGuest& guest, const std::string& why);

 private:
  struct Slot {
    std::mutex making;
    std::string verified;  // the uuid of the guest that was found whole
    std::string failure;   // why it cannot be made: not tried again for every repeat
  };
  Slot& slot_of(const std::string& key);
  Result<std::string> host();
  Result<SavedGuest> find_or_make(const run::Bundle& bundle, const fs::path& folder, Slot& slot);
  Result<SavedGuest> make(const run::Bundle& bundle, const fs::path& folder);
  static void remove(const fs::path& folder);
  void remove_half_made();
  void remove_unused(const fs::path& just_made);

  fs::path folder_;
  SavedGuestHooks hooks_;
  std::mutex mutex_;
  std::string host_;
  std::map<std::string, Slot> slots_;
};

}  // namespace hangar::checkpoint
