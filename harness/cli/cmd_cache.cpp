// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cache/prune.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/shelves.h"

namespace hangar::cli {
namespace {

using cache::Entry;
using nlohmann::ordered_json;

constexpr const char* about =
    "Lists, prunes and verifies the cache of sources, object trees, kernels, images and saved guests. After "
    "each build, "
    "the least recently used entries are removed until the cache is within its limit. Entries that are in "
    "use are kept.\n"
    "list: print the entries with their size and age (the default)\n"
    "prune: remove entries until the cache is within its limit, or within --to SIZE\n"
    "verify: verify all entries against their checksums; remove damaged ones\n"
    "limit: print the limit, or set it to --to SIZE";
constexpr const char* example =
    "  hangar cache\n"
    "  hangar cache prune --to 10GiB\n"
    "  hangar cache limit --to 60GiB\n"
    "  hangar cache verify --json";

std::string age_of(const Entry& entry) {
  const std::chrono::duration<double> age = std::chrono::system_clock::now() - entry.last_used;
  const double hours = std::max(0.0, age.count()) / 3600;
  if (hours < 1) return fmt::format("{:.0f} min ago", hours * 60);
  return hours < 48 ? fmt::format("{:.0f} h ago", hours) : fmt::format("{:.0f} d ago", hours / 24);
}

ordered_json to_json(const Entry& entry) {
  const auto unix_s = std::chrono::duration_cast<std::chrono::seconds>(entry.last_used.time_since_epoch());
  return {{"kind", entry.kind},        {"path", entry.path.string()},      {"what", entry.what},
          {"bytes", entry.bytes},      {"last_used_unix", unix_s.count()}, {"in_use", entry.in_use},
          {"prunable", entry.prunable}};
}

ordered_json to_json(const std::vector<Entry>& entries) {
  ordered_json list = ordered_json::array();
  for (const Entry& entry : entries) list.push_back(to_json(entry));
  return list;
}

void print_entries(const Terminal& terminal, const std::vector<Entry>& entries) {
  std::vector<std::vector<TableCell>> rows;
  rows.reserve(entries.size());
  for (const Entry& entry : entries) {
    rows.push_back({{entry.kind},
                    {format_size(entry.bytes)},
                    {entry.in_use ? "in use" : age_of(entry)},
                    {entry.path.filename().string()},
                    {entry.what}});
  }
  print_out("{}", render_table(terminal, {"kind", "size", "used", "entry", "what"}, rows, terminal.width()));
}

struct Call {
  const Common& common;
  const cache::Shelves& shelves;
  std::optional<std::uint64_t> to;
  Terminal& terminal;

  void print_json(const ordered_json& body) const {
    ordered_json out = {{"schema", "hangar.cache/1"}, {"cache", shelves.root().string()}};
    out.update(body);
    print_out("{}\n", json_text(out, 1));
  }
};

Result<int> list_entries(const Call& call) {
  TRY_ASSIGN(const auto entries, call.shelves.inventory());
  const std::uint64_t used = cache::total_bytes(entries);
  const std::uint64_t limit = cache::limit(call.shelves.root(), used);
  if (call.common.json) {
    call.print_json({{"bytes", used}, {"limit_bytes", limit}, {"entries", to_json(entries)}});
    return 0;
  }
  print_entries(call.terminal, entries);
  print_out("{}: {} of at most {}\n", call.shelves.root().string(), format_size(used), format_size(limit));
  return 0;
}

Result<int> prune(const Call& call) {
  std::uint64_t limit = call.to.value_or(0);
  if (!call.to) {
    TRY_ASSIGN(const auto entries, call.shelves.inventory());
    limit = cache::limit(call.shelves.root(), cache::total_bytes(entries));
  }
  TRY_ASSIGN(const cache::Pruned pruned, cache::prune_cache(call.shelves, limit));
  if (call.common.json) {
    call.print_json({{"limit_bytes", limit},
                     {"bytes_before", pruned.before},
                     {"bytes", pruned.after},
                     {"removed", to_json(pruned.removed)}});
    return 0;
  }
  if (!pruned.removed.empty()) print_entries(call.terminal, pruned.removed);
  print_out("removed {}: {} -> {} (limit {})\n",
            pruned.removed.size() == 1 ? "1 entry" : fmt::format("{} entries", pruned.removed.size()),
            format_size(pruned.before), format_size(pruned.after), format_size(limit));
  if (pruned.after > limit)
    print_out("the remaining entries are in use, or are sources of remaining entries\n");
  return 0;
}

// Objects that were built from a damaged source are removed too.
void remove_damaged(const Call& call, const Entry& damaged, const std::vector<Entry>& all) {
  for (const Entry& entry : all) {
    const bool from_it = entry.kind == "objects" && entry.needs == damaged.path.filename();
    if (from_it && !call.shelves.remove(entry))
      call.terminal.say(fmt::format("{} is in use and was kept", entry.path.string()));
  }
  if (!call.shelves.remove(damaged)) {
    call.terminal.say(fmt::format("{} is in use and was kept; verify again later", damaged.path.string()));
  }
}

// 0: no damage was found; else 1.
Result<int> verify(const Call& call) {
  TRY_ASSIGN(const auto entries, call.shelves.inventory());
  ordered_json damage = ordered_json::array();
  for (const Entry& entry : entries) {
    call.terminal.live(fmt::format("verifying {} {}", entry.kind, entry.path.filename().string()));
    const std::string why = call.shelves.damage_of(entry);
    if (why.empty()) continue;
    call.terminal.live_done();
    damage.push_back({{"kind", entry.kind}, {"path", entry.path.string()}, {"why", why}});
    if (!call.common.json) {
      print_out("{} {}: damaged, removed: {}\n", entry.kind, entry.path.string(), sanitize_for_terminal(why));
    }
    remove_damaged(call, entry, entries);
  }
  call.terminal.live_done();
  if (call.common.json) {
    call.print_json({{"checked", entries.size()}, {"damaged", damage}});
  } else {
    print_out("{} entries checked, {} damaged\n", entries.size(), damage.size());
  }
  return damage.empty() ? 0 : 1;
}

Result<int> limit(const Call& call) {
  if (call.to) TRY(cache::set_limit(call.shelves.root(), *call.to));
  TRY_ASSIGN(const auto entries, call.shelves.inventory());
  const std::uint64_t used = cache::total_bytes(entries);
  const std::uint64_t now = cache::limit(call.shelves.root(), used);
  if (call.common.json) {
    call.print_json({{"bytes", used}, {"limit_bytes", now}});
  } else {
    print_out("{} of at most {}\n", format_size(used), format_size(now));
  }
  return 0;
}

}  // namespace

Result<int> cache_command(const Args& args) {
  Options options("cache", about, example);
  std::string what;
  std::optional<std::string> to;
  options.value("what", what, "what to do (default: list)", "list|prune|verify|limit");
  options.value("--to", to,
                "size for prune and limit, such as 10GiB (default of the limit: 40GiB, or half of the disk)",
                "SIZE");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  const std::vector<std::string> known = {"list", "prune", "verify", "limit"};
  if (!what.empty() && std::find(known.begin(), known.end(), what) == known.end()) {
    return user_error(fmt::format("unknown cache action `{}`{}; expected {}", what, did_you_mean(what, known),
                                  join(known, ", ")));
  }
  const bool takes_size = what == "prune" || what == "limit";
  if (to && !takes_size) return user_error("--to requires `prune` or `limit`");
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  const cache::Shelves shelves = experiment::shelves_of(home.cache);
  Call call{options.common(), shelves, std::nullopt, terminal};
  if (to) {
    TRY_ASSIGN(const std::uint64_t bytes, parse_size(*to));
    call.to = bytes;
  }
  if (what == "prune") return prune(call);
  if (what == "verify") return verify(call);
  return what == "limit" ? limit(call) : list_entries(call);
}

}  // namespace hangar::cli
