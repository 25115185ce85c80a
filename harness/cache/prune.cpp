// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cache/prune.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::cache {
namespace {

using Clock = std::chrono::system_clock;

constexpr std::uint64_t default_limit = 40ull << 30;

fs::path limit_path(const fs::path& root) {
  return root / "limit";
}

// Measuring takes seconds where many sources are: not after every build of many.
constexpr std::chrono::minutes between_measures(10);

fs::path measured_path(const fs::path& root) {
  return root / "measured";
}

bool measured_lately(const fs::path& root) {
  const auto then = fs::last_write_time(measured_path(root));
  return then && fs::file_time_type::clock::now() - *then < between_measures;
}

bool has_to_go(const Entry& entry, const Limits& limits, std::uint64_t left) {
  if (limits.older_than && Clock::now() - entry.last_used > *limits.older_than) return true;
  return limits.bytes && left > *limits.bytes;
}

// The oldest that may go; nothing when none may.
std::vector<Entry>::iterator pick(std::vector<Entry>& all) {
  auto oldest = all.end();
  for (auto entry = all.begin(); entry != all.end(); ++entry) {
    if (!entry->prunable || entry->in_use) continue;
    if (oldest == all.end() || entry->last_used < oldest->last_used) oldest = entry;
  }
  return oldest;
}

// `gone` needed another entry: it may go if nothing else needs it.
void free_needed(std::vector<Entry>& all, const Entry& gone) {
  if (gone.needs.empty()) return;
  for (Entry& needed : all) {
    if (needed.path.filename() != gone.needs) continue;
    needed.prunable =
        std::none_of(all.begin(), all.end(), [&](const Entry& other) { return other.needs == gone.needs; });
  }
}

}  // namespace

Result<Pruned> prune(std::vector<Entry> all, const Limits& limits, const Remove& remove) {
  Pruned pruned;
  pruned.before = pruned.after = total_bytes(all);
  for (auto oldest = pick(all); oldest != all.end(); oldest = pick(all)) {
    if (!has_to_go(*oldest, limits, pruned.after)) break;
    TRY_ASSIGN(const bool removed, remove(*oldest));
    if (!removed) {
      oldest->in_use = true;
      continue;
    }
    pruned.after -= oldest->bytes;
    pruned.removed.push_back(std::move(*oldest));
    all.erase(oldest);
    free_needed(all, pruned.removed.back());
  }
  return pruned;
}

Result<Pruned> prune_cache(const Shelves& shelves, std::uint64_t limit) {
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(shelves.root() / "prune.lock"));
  (void)fs::remove_all(trash_path(shelves.root()));
  TRY_ASSIGN(std::vector<Entry> all, shelves.inventory());
  return prune(std::move(all), {limit, std::nullopt},
               [&](const Entry& entry) -> Result<bool> { return shelves.remove(entry); });
}

std::uint64_t limit(const fs::path& root, std::uint64_t used) {
  if (const auto text = read_file(limit_path(root))) {
    std::uint64_t bytes = 0;
    std::from_chars(text->data(), text->data() + text->size(), bytes);
    if (bytes > 0) return bytes;
  }
  const auto free = free_bytes(root);
  return free ? std::min(default_limit, (used + *free) / 2) : default_limit;
}

Result<void> set_limit(const fs::path& root, std::uint64_t bytes) {
  TRY(fs::create_directories(root));
  TRY(fs::remove(measured_path(root)));
  return write_file(limit_path(root), fmt::format("{}\n", bytes));
}

void keep_to_limit(const Shelves& shelves, const std::function<void(const std::string&)>& on_note) {
  const fs::path& root = shelves.root();
  if (measured_lately(root)) return;
  const auto entries = shelves.inventory();
  if (!entries) {
    if (on_note) on_note("the size of the cache could not be measured: " + entries.error().message);
    return;
  }
  const std::uint64_t used = total_bytes(*entries);
  const std::uint64_t most = limit(root, used);
  // That it was measured is worth a note, not an error.
  if (const auto noted = write_file(measured_path(root), ""); !noted && on_note)
    on_note(noted.error().message);
  if (used <= most) return;
  const auto pruned = prune_cache(shelves, most);
  if (!on_note) return;
  if (!pruned) {
    on_note("the cache is above its limit and could not be pruned: " + pruned.error().message);
  } else if (!pruned->removed.empty()) {
    on_note(fmt::format(
        "the cache was above its limit of {}: removed {} least recently used, {}", format_size(most),
        pruned->removed.size() == 1 ? "the entry" : fmt::format("the {} entries", pruned->removed.size()),
        format_size(pruned->before - pruned->after)));
  }
}

}  // namespace hangar::cache
