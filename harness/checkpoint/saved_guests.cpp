// SPDX-License-Identifier: GPL-2.0-only
#include "harness/checkpoint/saved_guests.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/run/bundle.h"

namespace hangar::checkpoint {
namespace {

// Each takes about the guest's used memory: some tens of MiB.
constexpr size_t most_kept = 64;

constexpr const char* unfinished = ".new";

void touch(const fs::path& folder) {
  (void)fs::set_last_write_time(folder, fs::file_time_type::clock::now());
}

}  // namespace

SavedGuests::SavedGuests(const fs::path& cache, SavedGuestHooks hooks)
    : folder_(cache / "saved"), hooks_(std::move(hooks)) {
  remove_half_made();
}

SavedGuests::Slot& SavedGuests::slot_of(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return slots_[key];
}

Result<std::string> SavedGuests::host() {
  const std::lock_guard lock(mutex_);
  if (host_.empty()) {
    TRY_ASSIGN(host_, hooks_.host());
  }
  return host_;
}

Result<SavedGuest> SavedGuests::get(const run::Bundle& bundle) {
  TRY_ASSIGN(const std::string on, host());
  const std::string key = saved_guest_key(bundle, on);
  Slot& slot = slot_of(key);
  const std::lock_guard making(slot.making);
  if (!slot.failure.empty()) return infra_error(slot.failure);
  auto guest = find_or_make(bundle, folder_ / key, slot);
  if (guest) {
    slot.verified = guest->uuid;
  } else if (guest.error().fault != Fault::interrupted) {
    slot.failure = guest.error().message;
    hooks_.note(fmt::format("cannot save a guest of {}, its repeats will cold-boot: {}", bundle.kernel,
                            slot.failure));
  }
  return guest;
}

Result<SavedGuest> SavedGuests::find_or_make(const run::Bundle& bundle, const fs::path& folder, Slot& slot) {
  TRY(fs::create_directories(folder_));
  const auto say_wait = [this] { hooks_.note("waiting for another hangar that saves this guest"); };
  const auto deadline = default_lock_deadline + bundle.boot_deadline;
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(folder.string() + ".lock", say_wait, deadline));
  if (fs::exists(folder)) {
    auto found = read_saved_guest(folder);
    const bool known = found && found->uuid == slot.verified;
    const auto whole = !found ? Result<void>(found.error()) : known ? Result<void>() : verify(*found);
    if (whole) {
      touch(folder);
      return found;
    }
    hooks_.note(fmt::format("discarded a saved guest: {}", whole.error().message));
    remove(folder);
  }
  return make(bundle, folder);
}

Result<SavedGuest> SavedGuests::make(const run::Bundle& bundle, const fs::path& folder) {
  const fs::path half_made = folder.string() + unfinished;
  remove(half_made);
  TRY(fs::create_directories(half_made));
  run::Bundle boot = bundle;
  boot.id = "saved-" + folder.filename().string();
  boot.placement.save = true;
  boot.restored = false;
  boot.placement.saved_guest.clear();
  TRY(write_file(half_made / run::bundle_file, to_json(boot)));
  if (auto made = hooks_.save(boot, half_made); !made) {
    remove(half_made);
    return std::move(made).error();
  }
  TRY(fs::rename(half_made, folder));
  hooks_.note(fmt::format("saved a guest of {}, from which its repeats are restored", bundle.kernel));
  remove_unused(folder);
  return read_saved_guest(folder);
}

void SavedGuests::discard(const SavedGuest& guest, const std::string& why) {
  Slot& slot = slot_of(guest.folder.filename());
  const std::lock_guard making(slot.making);
  const auto lock = FileLock::acquire(guest.folder.string() + ".lock");
  const auto found = read_saved_guest(guest.folder);
  if (!lock || !found || found->uuid != guest.uuid) return;  // another process did, or made another
  hooks_.note(fmt::format("discarded a saved guest that does not restore: {}", why));
  remove(guest.folder);
}

void SavedGuests::remove(const fs::path& folder) {
  (void)fs::remove_all(folder);
}

// A killed hangar leaves one.
void SavedGuests::remove_half_made() {
  for (const auto& entry : fs::list_or_empty(folder_)) {
    fs::path name = entry.path();
    if (name.extension() != unfinished) continue;
    const auto lock = FileLock::try_acquire(name.replace_extension(".lock"));
    if (lock && *lock) remove(entry.path());
  }
}

// The longest unused ones go.
void SavedGuests::remove_unused(const fs::path& just_made) {
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  for (const auto& entry : fs::list_or_empty(folder_)) {
    const bool whole = entry.is_directory() && entry.path().extension().empty();
    const auto used = fs::last_write_time(entry.path());
    if (whole && used && entry.path() != just_made) all.emplace_back(*used, entry.path());
  }
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i + most_kept <= all.size(); ++i) {
    const auto lock = FileLock::try_acquire(all[i].second.string() + ".lock");
    if (lock && *lock) remove(all[i].second);
  }
}

}  // namespace hangar::checkpoint
