// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/inventory.h"

#include <algorithm>
#include <map>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/base/json.h"
#include "harness/kernel/build/slot.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;
using Clock = std::chrono::system_clock;

// Counts each inode once, whoever links it: sources, their snapshots and object trees share files.
class Ruler {
 public:
  std::uint64_t measure(const fs::path& path) {
    std::uint64_t bytes = add(path);
    // What is removed meanwhile is not counted.
    (void)fs::walk(path, [&](const fs::Entry& entry) {
      bytes += add(entry.path());
      return fs::Walk::enter;
    });
    return bytes;
  }

 private:
  std::uint64_t add(const fs::path& path) {
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0) return 0;
    if (!S_ISDIR(info.st_mode) && info.st_nlink > 1 && !seen_.insert(info.st_ino).second) return 0;
    return static_cast<std::uint64_t>(info.st_blocks) * 512;
  }

  std::set<ino_t> seen_;
};

Clock::time_point time_of(const fs::path& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return Clock::time_point(std::chrono::seconds(info.st_mtim.tv_sec));
}

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
  entry.source = field<std::string>(field<json>(manifest, "source").value_or(json()), "sha256").value_or("");
}

// Half-made and half-removed folders are nobody's entries.
bool is_finished(const fs::Entry& entry) {
  const std::string name = entry.path().filename().string();
  return entry.is_directory() && name[0] != '.' && name.rfind("new-", 0) != 0 &&
         name.rfind("unpack-", 0) != 0;
}

Result<std::vector<fs::path>> finished_below(const fs::path& folder) {
  std::vector<fs::path> paths;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(folder));
  for (const auto& entry : entries)
    if (is_finished(entry)) paths.push_back(entry.path());
  return paths;
}

Entry entry_at(Entry::Kind kind, const fs::path& path) {
  Entry entry;
  entry.kind = kind;
  entry.path = path;
  entry.last_used = time_of(path);
  entry.in_use = !FolderLock::claim(path).has_value();
  return entry;
}

Result<void> add_sources(const fs::path& cache, std::vector<Entry>& all) {
  std::map<std::string, std::string> labels;  // by digest's first digits
  for (const auto& file : fs::list_or_empty(cache / "sources")) {
    if (file.path().extension() != ".json") continue;
    const json record = read_record(file.path());
    const auto digest = field<std::string>(record, "digest");
    if (digest) labels[digest->substr(0, 16)] = field<std::string>(record, "label").value_or("");
  }
  TRY_ASSIGN(const auto sources, finished_below(cache / "sources"));
  for (const auto& path : sources) {
    Entry entry = entry_at(Entry::Kind::source, path);
    entry.last_used = std::max(entry.last_used, landed_at(path));
    const auto label = labels.find(path.filename().string());
    entry.what = label != labels.end() ? label->second : "a state of a working tree";
    all.push_back(std::move(entry));
  }
  return {};
}

Result<void> add_objects(const fs::path& cache, std::vector<Entry>& all) {
  TRY_ASSIGN(const auto groups, finished_below(cache / "objects"));
  for (const auto& group : groups) {
    const auto lock = FileLock::try_acquire(group.string() + ".lock");
    const bool building = !lock || !*lock;
    for (const Slot& slot : list_slots(group)) {
      Entry entry = entry_at(Entry::Kind::objects, slot.path);
      entry.in_use = building;
      entry.source = slot.source;
      entry.what = describe_build(slot.lineage, slot.config, slot.patches.size());
      all.push_back(std::move(entry));
    }
  }
  return {};
}

Result<void> add_kernels(const fs::path& cache, std::vector<Entry>& all) {
  TRY_ASSIGN(const auto kernels, finished_below(cache / "kernels"));
  for (const auto& path : kernels) {
    Entry entry = entry_at(Entry::Kind::kernel, path);
    const json manifest = read_record(path / "manifest.json");
    const auto release = field<std::string>(manifest, "release");
    entry.what = release.value_or("without a readable manifest");
    if (release) describe_kernel(manifest, entry);
    all.push_back(std::move(entry));
  }
  return {};
}

Result<void> add_rest(const fs::path& cache, std::vector<Entry>& all) {
  TRY_ASSIGN(const auto images, finished_below(cache / "images"));
  for (const auto& path : images) {
    all.push_back(entry_at(Entry::Kind::image, path));
    all.back().what = "initramfs and disk";
  }
  static const std::set<std::string> known = {"sources", "objects", "kernels", "images"};
  TRY_ASSIGN(const auto others, finished_below(cache));
  for (const auto& path : others) {
    const std::string name = path.filename().string();
    if (known.count(name) != 0) continue;
    Entry entry = entry_at(name == "ccache" ? Entry::Kind::ccache : Entry::Kind::other, path);
    entry.what = name;
    entry.prunable = false;
    all.push_back(std::move(entry));
  }
  return {};
}

// A source is as young as the youngest that was built from it.
void tie_sources(std::vector<Entry>& all) {
  for (Entry& source : all) {
    if (source.kind != Entry::Kind::source) continue;
    for (const Entry& built : all) {
      if (built.source.empty() || built.source.substr(0, 16) != source.path.filename()) continue;
      source.prunable = false;
      source.last_used = std::max(source.last_used, built.last_used);
    }
  }
}

}  // namespace

std::string_view word(Entry::Kind kind) {
  switch (kind) {
    case Entry::Kind::source:
      return "source";
    case Entry::Kind::objects:
      return "objects";
    case Entry::Kind::kernel:
      return "kernel";
    case Entry::Kind::image:
      return "image";
    case Entry::Kind::ccache:
      return "ccache";
    case Entry::Kind::other:
      return "other";
  }
  return "";
}

Result<std::vector<Entry>> take_inventory(const fs::path& cache) {
  std::vector<Entry> all;
  for (const auto& add : {add_sources, add_objects, add_kernels, add_rest}) TRY(add(cache, all));
  tie_sources(all);
  std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.kind, a.last_used) < std::tie(b.kind, b.last_used);
  });
  Ruler ruler;
  for (Entry& entry : all) {
    // The sources of an object tree are links to its source's files, but for the few that were patched.
    const bool objects = entry.kind == Entry::Kind::objects;
    entry.bytes = ruler.measure(objects ? entry.path / "src/obj" : entry.path);
  }
  return all;
}

std::uint64_t total_bytes(const std::vector<Entry>& entries) {
  std::uint64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  return bytes;
}

std::string format_size(std::uint64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (number >= 0x1p30) return fmt::format("{:.1f} GiB", number / 0x1p30);
  return number >= 0x1p20 ? fmt::format("{:.0f} MiB", number / 0x1p20)
                          : fmt::format("{:.0f} KiB", number / 0x1p10);
}

void touch_entry(const fs::path& folder) {
  // An entry of another user, on a read-only disk: its age is then not known, which is no reason to fail.
  (void)::utimensat(AT_FDCWD, folder.c_str(), nullptr, 0);
}

}  // namespace hangar::kernel
