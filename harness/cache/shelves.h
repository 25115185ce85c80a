// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cache/entry.h"

// The cache as a whole: the shelves that modules register, and everything else that lies beside them.
namespace hangar::cache {

/// All entries of one kind. The module that makes them implements it.
class Shelf {
 public:
  /// `folder`: the name of the folder below the cache that has nothing but these entries.
  Shelf(std::string kind, std::string folder) : kind_(std::move(kind)), folder_(std::move(folder)) {}
  virtual ~Shelf() = default;
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// Without their sizes. A folder that cannot be listed is an error.
  [[nodiscard]] virtual Result<std::vector<Entry>> entries(const fs::path& cache) const = 0;
  /// The part of an entry that counts as its size.
  [[nodiscard]] virtual fs::path measured(const Entry& entry) const { return entry.path; }
  /// Reads the entry and compares it with what was recorded of it; empty: it is whole.
  [[nodiscard]] virtual std::string damage_of(const Entry&) const { return ""; }
  /// Held while the entry is removed; null: it is in use.
  [[nodiscard]] virtual std::shared_ptr<const void> lock_for_removal(const Entry& entry) const;

 private:
  std::string kind_;
  std::string folder_;
};

class Shelves {
 public:
  /// `root`: Home::cache.
  explicit Shelves(fs::path root) : root_(std::move(root)) {}

  /// Entries are listed in the order of their shelves.
  void add(std::unique_ptr<Shelf> shelf) { shelves_.push_back(std::move(shelf)); }
  [[nodiscard]] const fs::path& root() const { return root_; }

  /// All entries with their sizes, the least recently used first within a shelf. What is on no shelf comes
  /// last, as `other`, and is never pruned.
  [[nodiscard]] Result<std::vector<Entry>> inventory() const;
  [[nodiscard]] std::string damage_of(const Entry& entry) const;
  /// Takes one entry away, in one step for all readers; false when it is in use or not there.
  [[nodiscard]] bool remove(const Entry& entry) const;

 private:
  [[nodiscard]] const Shelf* shelf_of(const Entry& entry) const;
  Result<void> add_others(std::vector<Entry>& all) const;

  fs::path root_;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

/// Where entries go to be removed; what an interrupted removal leaves is there too.
[[nodiscard]] fs::path trash_path(const fs::path& root);

}  // namespace hangar::cache
