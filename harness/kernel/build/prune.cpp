// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/prune.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"

namespace hangar::kernel {
namespace {

constexpr std::uint64_t usual_limit = 40ull << 30;

fs::path limit_path(const fs::path& cache) {
  return cache / "limit";
}

fs::path trash_path(const fs::path& cache) {
  return cache / ".trash";
}

// Measuring takes seconds where many sources are: not after every build of many.
constexpr std::chrono::minutes between_measures(10);

fs::path measured_path(const fs::path& cache) {
  return cache / "measured";
}

bool measured_lately(const fs::path& cache) {
  const auto then = fs::last_write_time(measured_path(cache));
  return then && fs::file_time_type::clock::now() - *then < between_measures;
}

// Object trees are guarded by the lock of their group, which a build holds from beginning to end.
struct RemovalLock {
  std::optional<FolderLock> folder;
  std::optional<FileLock> group;

  explicit RemovalLock(const Entry& entry) {
    if (entry.kind != Entry::Kind::objects) {
      folder = FolderLock::claim(entry.path);
    } else if (auto lock = FileLock::try_acquire(entry.path.parent_path().string() + ".lock")) {
      group = std::move(*lock);
    }
  }
  explicit operator bool() const { return folder || group; }
};

// The oldest that may go; nothing when none may.
const Entry* pick(const std::vector<Entry>& all, const std::vector<fs::path>& refused) {
  const Entry* oldest = nullptr;
  for (const Entry& entry : all) {
    if (!entry.prunable || entry.in_use) continue;
    if (std::find(refused.begin(), refused.end(), entry.path) != refused.end()) continue;
    if (oldest == nullptr || entry.last_used < oldest->last_used) oldest = &entry;
  }
  return oldest;
}

// A source may go once nothing built from it is left.
void free_sources(std::vector<Entry>& all) {
  for (Entry& source : all) {
    if (source.kind != Entry::Kind::source) continue;
    source.prunable = std::none_of(all.begin(), all.end(), [&](const Entry& built) {
      return !built.source.empty() && built.source.substr(0, 16) == source.path.filename();
    });
  }
}

}  // namespace

std::uint64_t cache_limit(const fs::path& cache, std::uint64_t used) {
  if (const auto text = read_file(limit_path(cache))) {
    std::uint64_t bytes = 0;
    std::from_chars(text->data(), text->data() + text->size(), bytes);
    if (bytes > 0) return bytes;
  }
  const auto free = free_bytes(cache);
  return free ? std::min(usual_limit, (used + *free) / 2) : usual_limit;
}

Result<void> set_cache_limit(const fs::path& cache, std::uint64_t bytes) {
  TRY(fs::create_directories(cache));
  TRY(fs::remove(measured_path(cache)));
  return write_file(limit_path(cache), fmt::format("{}\n", bytes));
}

bool remove_entry(const fs::path& cache, const Entry& entry) {
  const RemovalLock lock(entry);
  if (!lock) return false;
  const auto trash = TempDir::make(trash_path(cache), "entry-");
  if (!trash) return false;
  return static_cast<bool>(fs::rename(entry.path, trash->path() / "gone"));
}

Result<Pruned> prune_cache(const fs::path& cache, std::uint64_t limit) {
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(cache / "prune.lock"));
  (void)fs::remove_all(trash_path(cache));
  TRY_ASSIGN(std::vector<Entry> all, take_inventory(cache));
  Pruned pruned;
  pruned.before = pruned.after = total_bytes(all);
  std::vector<fs::path> refused;
  while (pruned.after > limit) {
    const Entry* oldest = pick(all, refused);
    if (oldest == nullptr) break;
    if (!remove_entry(cache, *oldest)) {
      refused.push_back(oldest->path);
      continue;
    }
    pruned.after -= oldest->bytes;
    pruned.removed.push_back(*oldest);
    all.erase(all.begin() + (oldest - all.data()));
    free_sources(all);
  }
  return pruned;
}

void keep_to_limit(const fs::path& cache, const std::function<void(const std::string&)>& on_note) {
  if (measured_lately(cache)) return;
  const auto entries = take_inventory(cache);
  if (!entries) {
    if (on_note) on_note("the size of the cache could not be measured: " + entries.error().message);
    return;
  }
  const std::uint64_t used = total_bytes(*entries);
  const std::uint64_t limit = cache_limit(cache, used);
  // That it was measured is worth a note, not an error.
  if (const auto noted = write_file(measured_path(cache), ""); !noted && on_note)
    on_note(noted.error().message);
  if (used <= limit) return;
  const auto pruned = prune_cache(cache, limit);
  if (!on_note) return;
  if (!pruned) {
    on_note("the cache is above its limit and could not be pruned: " + pruned.error().message);
  } else if (!pruned->removed.empty()) {
    on_note(fmt::format(
        "the cache was above its limit of {}: removed {} least recently used, {}", format_size(limit),
        pruned->removed.size() == 1 ? "the entry" : fmt::format("the {} entries", pruned->removed.size()),
        format_size(pruned->before - pruned->after)));
  }
}

}  // namespace hangar::kernel
