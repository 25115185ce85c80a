// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/shelf.h"

#include "harness/image/image.h"
#include "harness/image/root.h"

namespace hangar::image {
namespace {

using cache::Entry;

class ImageShelf : public cache::Shelf {
 public:
  ImageShelf() : Shelf("image", "images") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto folders, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : folders) {
      all.push_back(cache::entry_at(kind(), path));
      all.back().what = "initramfs and disk";
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override {
    const auto whole = verify_folder(entry.path);
    return whole ? "" : whole.error().message;
  }
};

// The disks with Debian's packages.
class RootShelf : public cache::Shelf {
 public:
  RootShelf() : Shelf("root", "roots") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto folders, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : folders) {
      all.push_back(cache::entry_at(kind(), path));
      all.back().what = "a root of Debian's packages";
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override {
    const auto whole = verify_root(entry.path);
    return whole ? "" : whole.error().message;
  }
};

}  // namespace

void add_shelf(cache::Shelves& shelves) {
  shelves.add(std::make_unique<ImageShelf>());
  shelves.add(std::make_unique<RootShelf>());
}

}  // namespace hangar::image
