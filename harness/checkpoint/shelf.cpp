// SPDX-License-Identifier: GPL-2.0-only
#include "harness/checkpoint/shelf.h"

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/checkpoint/saved_guest.h"
#include "harness/run/bundle.h"

namespace hangar::checkpoint {
namespace {

using cache::Entry;

// The lock that is held while a guest is made, checked or removed. A run that was restored from a guest has
// its files open, so that it does not notice a removal.
std::optional<FileLock> lock_of(const fs::path& folder) {
  auto lock = FileLock::try_acquire(folder.string() + ".lock");
  return lock ? std::move(*lock) : std::nullopt;
}

class SavedShelf : public cache::Shelf {
 public:
  SavedShelf() : Shelf("saved guest", "saved") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto folders, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : folders) {
      if (path.has_extension()) continue;  // half-made
      Entry entry = cache::entry_at(kind(), path);
      entry.in_use = entry.in_use || !lock_of(path);
      entry.what = describe(path);
      all.push_back(std::move(entry));
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override {
    const auto guest = read_saved_guest(entry.path);
    const auto whole = guest ? verify(*guest) : Result<void>(guest.error());
    return whole ? "" : whole.error().message;
  }
  std::shared_ptr<const void> lock_for_removal(const Entry& entry) const override {
    auto lock = lock_of(entry.path);
    return lock ? std::make_shared<const FileLock>(std::move(*lock)) : nullptr;
  }

 private:
  static std::string describe(const fs::path& folder) {
    const auto bundle = run::load_bundle(folder);
    return bundle ? "a guest of " + bundle->kernel : "a guest without a readable bundle";
  }
};

}  // namespace

void add_shelf(cache::Shelves& shelves) {
  shelves.add(std::make_unique<SavedShelf>());
}

}  // namespace hangar::checkpoint
