// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/shelves.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/kernel/build/selftests.h"
#include "harness/kernel/build/slot.h"
#include "harness/kernel/build/verify.h"

namespace hangar::kernel {
namespace {

using cache::Entry;
using nlohmann::json;
using Clock = std::chrono::system_clock;

// Sources are named by the first digits of their digest.
constexpr std::size_t source_digits = 16;

// An unpacked tree has the time that its archive gave it; its inode changed when it was put here.
Clock::time_point landed_at(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return Clock::time_point(std::chrono::seconds(info.st_ctim.tv_sec));
}

std::string count(size_t number, const char* noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

template <typename List>
std::string describe_build(const std::string& release, const List& config, size_t patches) {
  std::string text = release;
  for (const auto& [name, digest] : config) text += (text == release ? ", " : " ") + name;
  return text + ", " + count(patches, patches == 1 ? "patch" : "patche");
}

// Null when the file is missing or damaged.
json read_record(const fs::path& path) {
  const auto text = read_file(path);
  return text ? parse_object(*text) : json();
}

// What this release was built from; the release alone when it is prebuilt, or when the manifest is damaged.
void describe_kernel(const json& manifest, Entry& entry) {
  std::vector<std::map<std::string, std::string>> fragments;
  std::vector<json> patches;
  JsonReader in(manifest);
  if (in.take("config", fragments).take("patches", patches).fault()) return;
  std::map<std::string, std::string> config;
  for (auto& fragment : fragments) config[fragment["name"]] = "";
  entry.what = describe_build(entry.what, config, patches.size());
  const auto source = field<std::string>(field<json>(manifest, "source").value_or(json()), "sha256");
  entry.needs = source.value_or("").substr(0, source_digits);
}

class Sources : public cache::Shelf {
 public:
  Sources() : Shelf("source", "sources") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    const auto labels = labels_below(cache / folder());
    TRY_ASSIGN(const auto sources, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : sources) {
      Entry entry = cache::entry_at(kind(), path);
      entry.last_used = std::max(entry.last_used, landed_at(path));
      const auto label = labels.find(path.filename().string());
      entry.what = label != labels.end() ? label->second : "a state of a working tree";
      all.push_back(std::move(entry));
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override { return damage_of_source(entry.path); }

 private:
  static std::map<std::string, std::string> labels_below(const fs::path& sources) {
    std::map<std::string, std::string> labels;  // by the folder's name
    for (const auto& file : fs::list_or_empty(sources)) {
      if (file.path().extension() != ".json") continue;
      const json record = read_record(file.path());
      const auto digest = field<std::string>(record, "digest");
      if (digest) labels[digest->substr(0, source_digits)] = field<std::string>(record, "label").value_or("");
    }
    return labels;
  }
};

class Objects : public cache::Shelf {
 public:
  Objects() : Shelf("objects", "objects") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto groups, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& group : groups) {
      const auto lock = FileLock::try_acquire(group.string() + ".lock");
      const bool building = !lock || !*lock;
      for (const Slot& slot : list_slots(group)) {
        Entry entry = cache::entry_at(kind(), slot.path);
        entry.in_use = building;
        entry.needs = slot.source.substr(0, source_digits);
        entry.what = describe_build(slot.lineage, slot.config, slot.patches.size());
        all.push_back(std::move(entry));
      }
    }
    return all;
  }
  // The sources of an object tree are links to its source's files, but for the few that were patched.
  fs::path measured(const Entry& entry) const override { return entry.path / "src/obj"; }
  std::string damage_of(const Entry& entry) const override { return damage_of_objects(entry.path); }
  // The lock of their group, which a build holds from beginning to end.
  std::shared_ptr<const void> lock_for_removal(const Entry& entry) const override {
    auto lock = FileLock::try_acquire(entry.path.parent_path().string() + ".lock");
    return lock && *lock ? std::make_shared<const FileLock>(std::move(**lock)) : nullptr;
  }
};

class Kernels : public cache::Shelf {
 public:
  Kernels() : Shelf("kernel", "kernels") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto kernels, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : kernels) {
      Entry entry = cache::entry_at(kind(), path);
      const json manifest = read_record(path / "manifest.json");
      const auto release = field<std::string>(manifest, "release");
      entry.what = release.value_or("without a readable manifest");
      if (release) describe_kernel(manifest, entry);
      all.push_back(std::move(entry));
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override { return damage_of_kernel(entry.path); }
};

class SelftestsShelf : public cache::Shelf {
 public:
  SelftestsShelf() : Shelf("selftests", "selftests") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    TRY_ASSIGN(const auto folders, cache::finished_below(cache / folder()));
    std::vector<Entry> all;
    for (const auto& path : folders) {
      const json manifest = read_record(path / "manifest.json");
      all.push_back(cache::entry_at(kind(), path));
      const auto suites =
          field<std::vector<std::string>>(manifest, "suites").value_or(std::vector<std::string>());
      all.back().what = field<std::string>(manifest, "source").value_or("") + ", " + join(suites, " ");
    }
    return all;
  }
  std::string damage_of(const Entry& entry) const override {
    const auto whole = verify_selftests(entry.path);
    return whole ? "" : whole.error().message;
  }
};

class CompilerCache : public cache::Shelf {
 public:
  CompilerCache() : Shelf("ccache", "ccache") {}

  Result<std::vector<Entry>> entries(const fs::path& cache) const override {
    const fs::path path = cache / folder();
    if (!fs::exists(path)) return std::vector<Entry>();
    Entry entry = cache::entry_at(kind(), path);
    entry.what = folder();
    entry.prunable = false;
    return std::vector<Entry>{std::move(entry)};
  }
};

}  // namespace

void add_shelves(cache::Shelves& shelves) {
  shelves.add(std::make_unique<Sources>());
  shelves.add(std::make_unique<Objects>());
  shelves.add(std::make_unique<Kernels>());
  shelves.add(std::make_unique<SelftestsShelf>());
  shelves.add(std::make_unique<CompilerCache>());
}

}  // namespace hangar::kernel
