// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cache/shelves.h"

#include <algorithm>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/cache/measure.h"

namespace hangar::cache {
namespace {

// An entry is as young as the youngest that needs it, and stays as long.
void tie_needed(std::vector<Entry>& all) {
  for (Entry& needed : all) {
    for (const Entry& entry : all) {
      if (entry.needs.empty() || entry.needs != needed.path.filename()) continue;
      needed.prunable = false;
      needed.last_used = std::max(needed.last_used, entry.last_used);
    }
  }
}

}  // namespace

fs::path trash_path(const fs::path& root) {
  return root / ".trash";
}

std::shared_ptr<const void> Shelf::lock_for_removal(const Entry& entry) const {
  auto lock = FolderLock::claim(entry.path);
  return lock ? std::make_shared<const FolderLock>(std::move(*lock)) : nullptr;
}

Result<std::vector<Entry>> Shelves::inventory() const {
  std::vector<Entry> all;
  for (const auto& shelf : shelves_) {
    TRY_ASSIGN(auto entries, shelf->entries(root_));
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
  }
  TRY(add_others(all));
  tie_needed(all);
  const auto place = [this](const Entry& entry) {
    return std::find_if(shelves_.begin(), shelves_.end(),
                        [&](const auto& shelf) { return shelf->kind() == entry.kind; }) -
           shelves_.begin();
  };
  std::stable_sort(all.begin(), all.end(), [&](const Entry& a, const Entry& b) {
    return std::pair(place(a), a.last_used) < std::pair(place(b), b.last_used);
  });
  Ruler ruler;
  for (Entry& entry : all) {
    const Shelf* shelf = shelf_of(entry);
    entry.bytes = ruler.measure(shelf != nullptr ? shelf->measured(entry) : entry.path).bytes;
  }
  return all;
}

Result<void> Shelves::add_others(std::vector<Entry>& all) const {
  TRY_ASSIGN(const auto others, finished_below(root_));
  for (const auto& path : others) {
    const std::string name = path.filename().string();
    if (std::any_of(shelves_.begin(), shelves_.end(),
                    [&](const auto& shelf) { return shelf->folder() == name; }))
      continue;
    Entry entry = entry_at("other", path);
    entry.what = name;
    entry.prunable = false;
    all.push_back(std::move(entry));
  }
  return {};
}

const Shelf* Shelves::shelf_of(const Entry& entry) const {
  const auto found = std::find_if(shelves_.begin(), shelves_.end(),
                                  [&](const auto& shelf) { return shelf->kind() == entry.kind; });
  return found == shelves_.end() ? nullptr : found->get();
}

std::string Shelves::damage_of(const Entry& entry) const {
  const Shelf* shelf = shelf_of(entry);
  return shelf != nullptr ? shelf->damage_of(entry) : "";
}

bool Shelves::remove(const Entry& entry) const {
  const Shelf* shelf = shelf_of(entry);
  if (shelf == nullptr) return false;
  const auto lock = shelf->lock_for_removal(entry);
  if (!lock) return false;
  const auto trash = TempDir::make(trash_path(root_), "entry-");
  if (!trash) return false;
  return static_cast<bool>(fs::rename(entry.path, trash->path() / "gone"));
}

}  // namespace hangar::cache
