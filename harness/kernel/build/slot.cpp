// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/slot.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/build/build_order.h"
#include "harness/kernel/spec/stack.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

std::optional<Slot> read_slot(const fs::path& path) {
  const auto record = read_json(path / "slot.json");
  if (!record) return std::nullopt;
  Slot slot;
  slot.path = path;
  JsonReader in(*record);
  in.take("built_at", slot.built_at).take("source", slot.source).take("lineage", slot.lineage);
  in.take("config", slot.config).take("patches", slot.patches).take("touched", slot.touched);
  in.take_if("objects", slot.objects);
  return in.fault() ? std::nullopt : std::optional(std::move(slot));
}

Result<void> copy_tree(const char* how, const fs::path& from, const fs::path& to) {
  TRY(run_checked({.argv = {"cp", how, from.string(), to.string()}, .deadline = deadline_of::files}));
  return {};
}

// The sources of two neighbours differ where either was patched, and, between two states of a working tree,
// anywhere: files that are not one inode are compared.
Result<std::vector<std::string>> candidates(const Slot& slot, const Slot& base) {
  std::vector<std::string> paths;
  std::set_union(slot.touched.begin(), slot.touched.end(), base.touched.begin(), base.touched.end(),
                 std::back_inserter(paths));
  if (slot.source == base.source) return paths;
  TRY(fs::walk(slot.path / "src", [&](const fs::Entry& entry) {
    const std::string below = entry.path().lexically_relative(slot.path / "src").string();
    if (below == "obj") return fs::Walk::skip;
    struct stat now = {};
    struct stat before = {};
    if (::lstat(entry.path().c_str(), &now) != 0 || !S_ISREG(now.st_mode)) return fs::Walk::enter;
    const bool shared =
        ::lstat((base.path / "src" / below).c_str(), &before) == 0 && now.st_ino == before.st_ino;
    if (!shared) paths.push_back(below);
    return fs::Walk::enter;
  }));
  return paths;
}

// A new inode with the same bytes, and the present time.
Result<void> renew(const fs::path& path, const std::string& text) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return errno_error("cannot read " + path.string());
  TRY(write_file(path, text));
  if (::chmod(path.c_str(), info.st_mode & 07777) != 0) return errno_error("cannot change " + path.string());
  return {};
}

// Gives one source file the time that makes make(1) right about the objects copied from `base`.
Result<void> settle_time(const std::string& name, const Slot& slot, const Slot& base) {
  const fs::path now = slot.path / "src" / name;
  const fs::path before = base.path / "src" / name;
  struct stat now_info = {};
  struct stat before_info = {};
  if (::lstat(now.c_str(), &now_info) != 0 || !S_ISREG(now_info.st_mode)) return {};  // removed by a patch
  const bool was_there = ::lstat(before.c_str(), &before_info) == 0 && S_ISREG(before_info.st_mode);
  if (was_there && now_info.st_ino == before_info.st_ino) return {};
  TRY_ASSIGN(const std::string text, read_file(now));
  if (!was_there || now_info.st_size != before_info.st_size || now_info.st_mode != before_info.st_mode)
    return renew(now, text);
  TRY_ASSIGN(const std::string old, read_file(before));
  if (old != text) return renew(now, text);
  // The very same file, with its old time.
  const std::string beside = now.string() + ".same";
  if (::link(before.c_str(), beside.c_str()) != 0 || ::rename(beside.c_str(), now.c_str()) != 0)
    return errno_error("cannot link " + now.string());
  return {};
}

// The regular files below a folder; with `extensions` only those that have one of them.
Result<std::vector<fs::path>> files_below(const fs::path& top, const std::set<std::string>& extensions = {}) {
  std::vector<fs::path> files;
  TRY(fs::walk(top, [&](const fs::Entry& entry) {
    const bool wanted = extensions.empty() || extensions.count(entry.path().extension()) != 0;
    if (wanted && entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
    return fs::Walk::enter;
  }));
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  TRY_ASSIGN(const std::string text, read_file(file));
  std::string replaced;
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, done)) {
    replaced.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  if (done == 0) return {};
  return write_file(file, replaced.append(text, done));
}

// objtool is built by tools/build, which writes absolute paths: left alone, it and then everything that it
// checks would be built again.
Result<void> relocate(const Slot& slot, const Slot& base) {
  const std::string from = base.built_at.string() + "/";
  const std::string to = slot.path.string() + "/";
  if (from == to) return {};
  const fs::path tools = slot.path / "src/obj/tools";
  if (!fs::exists(tools)) return {};
  TRY_ASSIGN(const auto files, files_below(tools, {".cmd", ".d"}));
  for (const auto& file : files) TRY(replace_in(file, from, to));
  return {};
}

size_t config_distance(const std::vector<Named>& from, const std::vector<Named>& to) {
  if (from == to) return 0;
  const auto digests = [](const std::vector<Named>& list) {
    std::vector<std::string> all;
    for (const auto& [name, digest] : list) all.push_back(digest);
    return all;
  };
  return 10000 + 1000 * count_unshared(digests(from), digests(to));
}

Result<std::string> digest_of_objects(const Slot& slot) {
  const fs::path top = slot.path / "src/obj";
  TRY_ASSIGN(const auto files, files_below(top));
  Digest digest;
  for (const auto& file : files) {
    TRY_ASSIGN(const std::string text, read_file(file));
    digest.add(file.lexically_relative(top).string(), text);
  }
  return digest.hex();
}

}  // namespace

std::vector<Slot> list_slots(const fs::path& group) {
  std::vector<Slot> slots;
  for (const auto& entry : fs::list_or_empty(group)) {
    if (entry.path().filename().string().compare(0, 4, "new-") == 0) continue;
    if (auto slot = read_slot(entry.path())) slots.push_back(std::move(*slot));
  }
  return slots;
}

Result<void> write_slot(const Slot& slot) {
  TRY_ASSIGN(const std::string objects, digest_of_objects(slot));
  const json record = {{"schema", "hangar.slot/1"}, {"built_at", slot.built_at.string()},
                       {"source", slot.source},     {"lineage", slot.lineage},
                       {"config", slot.config},     {"patches", slot.patches},
                       {"touched", slot.touched},   {"objects", objects}};
  return write_file(slot.path / "slot.json", json_text(record, 1) + "\n");
}

bool is_whole(const Slot& slot) {
  if (slot.objects.empty()) return true;  // an older Hangar noted no digest: nothing speaks against it
  const auto now = digest_of_objects(slot);
  return now && *now == slot.objects;
}

size_t patch_distance(const std::vector<Named>& from, const std::vector<Named>& to) {
  size_t common = 0;
  while (common < from.size() && common < to.size() && from[common].second == to[common].second) ++common;
  return from.size() - common + to.size() - common;
}

const Slot* nearest_slot(const std::vector<Slot>& slots, const Inputs& inputs) {
  const auto config = inputs.config_digests();
  const auto patches = inputs.patch_digests();
  const Slot* best = nullptr;
  size_t best_cost = 0;
  for (const auto& slot : slots) {
    // Another configuration costs more than any patch, and the more the more fragments differ; another state
    // of the source something in between.
    const size_t source_cost = slot.source == inputs.tree.digest     ? 0
                               : slot.lineage == inputs.tree.lineage ? 100
                                                                     : 200;
    const size_t cost =
        patch_distance(slot.patches, patches) + source_cost + config_distance(slot.config, config);
    if (best == nullptr || cost < best_cost) {
      best = &slot;
      best_cost = cost;
    }
  }
  return best;
}

Result<void> lay_out(Slot& slot, const Inputs& inputs, const Slot* base) {
  slot.built_at = slot.path;
  slot.source = inputs.tree.digest;
  slot.lineage = inputs.tree.lineage;
  slot.config = inputs.config_digests();
  slot.patches = inputs.patch_digests();
  TRY(copy_tree("-al", inputs.tree.path, slot.path / "src"));
  auto touched = apply_stack(slot.path / "src", inputs.tree.path, inputs.patches);
  if (!touched) return std::move(touched).error().within("on " + inputs.tree.label);
  slot.touched = std::move(*touched);
  if (base == nullptr) return fs::create_directories(slot.path / "src/obj");
  TRY(copy_tree("-a", base->path / "src/obj", slot.path / "src/obj"));
  TRY(relocate(slot, *base));
  TRY_ASSIGN(const auto names, candidates(slot, *base));
  for (const auto& name : names) TRY(settle_time(name, slot, *base));
  return {};
}

size_t count_stale(const Slot& slot, const Slot& base) {
  std::vector<std::string> changed;
  for (const auto& name : candidates(slot, base).value_or({})) {
    struct stat now = {};
    struct stat before = {};
    const bool there = ::stat((slot.path / "src" / name).c_str(), &now) == 0;
    const bool was = ::stat((base.path / "src" / name).c_str(), &before) == 0;
    const bool same = there && was && now.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
    if (!same) changed.push_back(" ../" + name);
  }
  size_t stale = 0;
  if (changed.empty()) return 0;
  for (const auto& file : files_below(slot.path / "src/obj", {".cmd"}).value_or({})) {
    const auto text = read_file(file);
    const auto depends = [&](const std::string& name) { return text->find(name) != std::string::npos; };
    if (text && std::any_of(changed.begin(), changed.end(), depends)) ++stale;
  }
  return stale;
}

}  // namespace hangar::kernel
