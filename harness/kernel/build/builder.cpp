// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/builder.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/folder_lock.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cache/prune.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/build/compiler_cache.h"
#include "harness/kernel/build/make.h"
#include "harness/kernel/build/slot.h"
#include "harness/kernel/build/store.h"
#include "harness/kernel/build/verify.h"
#include "harness/kernel/config/configure.h"

namespace hangar::kernel {
namespace {

using Clock = std::chrono::steady_clock;

// An object tree takes 0.2 to 1 GB, and the linker writes vmlinux several times.
constexpr std::uint64_t needed_bytes = 2ull << 30;
// Object trees kept of one source and compiler; the least recently used goes first.
constexpr size_t kept_slots = 16;
// Steps of a cold build of tinyconfig with `base` and `ext4` on 6.1, until one is on record.
constexpr size_t usual_steps = 1500;
// Linking and compressing after any change.
constexpr size_t closing_steps = 45;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Counts make's steps for the caller.
class Meter {
 public:
  Meter(const BuildOptions& options, size_t total) : options_(options), total_(total) {}

  void step(const std::string& what) {
    ++done_;
    if (!options_.on_progress) return;
    BuildProgress progress{done_, std::max(total_, done_), seconds_since(begun_), std::nullopt, what};
    if (done_ > 20) progress.eta_s = progress.elapsed_s * static_cast<double>(progress.total - done_) / done_;
    options_.on_progress(progress);
  }
  [[nodiscard]] size_t done() const { return done_; }

 private:
  const BuildOptions& options_;
  size_t total_;
  size_t done_ = 0;
  Clock::time_point begun_ = Clock::now();
};

class Builder {
 public:
  Builder(const fs::path& cache, const Spec& spec, const Inputs& inputs, const BuildOptions& options)
      : cache_(cache),
        spec_(spec),
        inputs_(inputs),
        options_(options),
        group_(cache / "objects" / inputs.group) {}

  Result<void> build() {
    const auto say_wait = [&] {
      note(fmt::format("{}: waiting for another hangar that builds from the same source", spec_.name));
    };
    TRY_ASSIGN(const FileLock lock, FileLock::acquire(cache_ / "objects" / (inputs_.group + ".lock"),
                                                      say_wait, deadline_of::build));
    if (load_artifact(cache_, inputs_.key).artifact) return {};
    remove_dead();
    TRY(need_space());
    const auto begun = Clock::now();
    const std::optional<Slot> base = find_base();
    TRY_ASSIGN(TempDir work, TempDir::make(group_, "new-"));
    ::chmod(work.path().c_str(), 0755);
    Slot slot;
    slot.path = work.path();
    auto made = make_kernel(slot, base ? &*base : nullptr);
    if (!made) return keep_log(std::move(made).error());
    facts_.build_s = seconds_since(begun);
    TRY(land_artifact(slot));
    return land_slot(slot, work);
  }

 private:
  void note(const std::string& text) const {
    if (options_.on_note) options_.on_note(text);
  }

  // Leftovers of killed builds: no other process can be at work here while we hold the lock.
  void remove_dead() const {
    for (const auto& entry : fs::list_or_empty(group_)) {
      if (entry.path().filename().string().compare(0, 4, "new-") != 0) continue;
      note(fmt::format("removing leftovers of an interrupted build in {}", entry.path().string()));
      (void)fs::remove_all(entry.path());
    }
  }

  // The nearest object tree that is whole.
  [[nodiscard]] std::optional<Slot> find_base() const {
    auto slots = list_slots(group_);
    while (const Slot* nearest = nearest_slot(slots, inputs_)) {
      if (is_whole(*nearest)) return *nearest;
      note(fmt::format("removing the object tree {}: it is damaged", nearest->path.string()));
      (void)fs::remove_all(nearest->path);
      slots.erase(slots.begin() + (nearest - slots.data()));
    }
    return std::nullopt;
  }

  [[nodiscard]] Result<void> need_space() const {
    TRY_ASSIGN(const std::uint64_t free, free_bytes(cache_));
    if (free >= needed_bytes) return {};
    return infra_error(
        fmt::format("{} has {} MiB free; building a kernel needs {} MiB: free some space, or use --home",
                    cache_.string(), free >> 20, needed_bytes >> 20));
  }

  Result<void> make_kernel(Slot& slot, const Slot* base) {
    log_ = slot.path / "build.log";
    if (base != nullptr) {
      facts_.started_from = base->path.filename().string();
      cache::touch(base->path);
    }
    note(base == nullptr
             ? fmt::format("{}: preparing the source tree {}", spec_.name, inputs_.tree.label)
             : fmt::format("{}: starting from the objects of {}", spec_.name, facts_.started_from));
    TRY(lay_out(slot, inputs_, base));
    Make make{slot.path / "src", inputs_.tools, {}, options_.jobs > 0 ? options_.jobs : default_jobs(), log_};
    TRY_ASSIGN(make.environment, compiler_cache_environment(cache_ / "ccache", inputs_.tools));
    TRY(configure(slot, inputs_, base, make));
    Meter meter(options_, expected_steps(slot, base));
    make.on_step = [&](const std::string& what) { meter.step(what); };
    make.targets = {"vmlinux", "bzImage"};
    TRY(run_make(make));
    facts_.steps = meter.done();
    return {};
  }

  [[nodiscard]] size_t expected_steps(const Slot& slot, const Slot* base) const {
    const auto precedent = find_precedent(cache_, inputs_, true);
    const size_t cold = precedent ? precedent->steps : usual_steps;
    if (base == nullptr) return cold;
    if (base->config != slot.config)
      return cold;  // how much depends on the symbols that changed is not known
    return std::min(cold, count_stale(slot, *base) + closing_steps);
  }

  // The build's folder goes, its log is what the user needs to see.
  Error keep_log(Error error) const {
    if (error.fault == Fault::interrupted || !fs::exists(log_)) return error;
    const fs::path kept = cache_ / "logs" / fmt::format("{}.log", inputs_.key.substr(0, 16));
    // Where it cannot be kept, the message must not name it.
    if (!fs::create_directories(kept.parent_path()) || !fs::copy_file(log_, kept, fs::IfExists::overwrite))
      return error;
    if (const size_t at = error.message.find(log_.string()); at != std::string::npos)
      error.message.replace(at, log_.string().size(), kept.string());
    return error;
  }

  Result<void> land_artifact(const Slot& slot) {
    TRY_ASSIGN(TempDir staging, TempDir::make(group_, "new-"));
    const fs::path obj = slot.path / "src/obj";
    for (const auto& [from, name] :
         {std::pair(obj / "arch/x86/boot/bzImage", "bzImage"), std::pair(obj / "vmlinux", "vmlinux"),
          std::pair(obj / ".config", ".config"), std::pair(log_, "build.log")}) {
      auto copied = fs::copy_file(from, staging.path() / name);
      if (!copied) return std::move(copied).error().within("copying the kernel into the cache");
    }
    TRY_ASSIGN(const std::string release, read_file(obj / "include/config/kernel.release"));
    facts_.release = trim(release);
    TRY(write_manifest(staging.path(), inputs_, facts_));
    // QEMU may run as another user.
    ::chmod(staging.path().c_str(), 0755);
    const fs::path place = artifact_path(cache_, inputs_.key);
    TRY(fs::create_directories(place.parent_path()));
    TRY(fs::remove_all(place));
    return staging.commit(place);
  }

  Result<void> land_slot(const Slot& slot, TempDir& work) const {
    TRY(write_slot(slot));
    const fs::path place = group_ / inputs_.key.substr(0, 16);
    TRY(fs::remove_all(place));
    TRY(work.commit(place));
    drop_old_slots();
    return {};
  }

  void drop_old_slots() const {
    auto slots = list_slots(group_);
    const auto written = [](const Slot& slot) {
      return fs::last_write_time(slot.path).value_or(fs::file_time_type::min());
    };
    std::sort(slots.begin(), slots.end(),
              [&](const Slot& a, const Slot& b) { return written(a) > written(b); });
    for (size_t i = kept_slots; i < slots.size(); ++i) (void)fs::remove_all(slots[i].path);
  }

  const fs::path& cache_;
  const Spec& spec_;
  const Inputs& inputs_;
  const BuildOptions& options_;
  fs::path group_;
  fs::path log_;
  BuildFacts facts_;
};

// Old entries are worth less than a build that can go on.
Result<void> make_room(const fs::path& cache, const BuildOptions& options) {
  TRY(fs::create_directories(cache));
  TRY_ASSIGN(const std::uint64_t free, free_bytes(cache));
  if (free >= needed_bytes) return {};
  if (options.kept == nullptr) return {};
  TRY_ASSIGN(const auto entries, options.kept->inventory());
  const std::uint64_t used = cache::total_bytes(entries);
  const std::uint64_t missing = needed_bytes - free;
  if (options.on_note) options.on_note("the disk is nearly full: pruning the cache");
  TRY(cache::prune_cache(*options.kept, used > missing ? used - missing : 0));
  return {};
}

}  // namespace

Result<SourceInputs> gather(const fs::path& cache, const Spec& spec, const Note& on_note) {
  TRY_ASSIGN(const Materials materials, load_materials(spec));
  TRY_ASSIGN(Tree tree, obtain_tree(cache, spec.source, on_note));
  TRY_ASSIGN(Toolchain tools, find_toolchain(spec.kernels, tree.version));
  SourceInputs ready;
  ready.in_use = FolderLock::share(tree.path);
  if (!ready.in_use) {  // pruned just now
    TRY_ASSIGN(tree, obtain_tree(cache, spec.source, on_note));
    ready.in_use = FolderLock::share(tree.path);
  }
  cache::touch(tree.path);
  TRY(seal_source(tree.path));
  if (spec.source.kind == Source::Kind::tree)
    tree.revision = revision_of_tree(cache, spec.source.what, tree.digest, on_note);
  TRY_ASSIGN(ready.inputs, complete_inputs(materials, std::move(tree), std::move(tools)));
  return ready;
}

Result<Inputs> build_kernel(const fs::path& cache, const Spec& spec, const BuildOptions& options) {
  TRY(make_room(cache, options));
  TRY_ASSIGN(const SourceInputs ready, gather(cache, spec, options.on_note));
  for (const std::string& name : ready.inputs.left_out) {
    if (options.on_note)
      options.on_note(fmt::format("{} is built without {}, which does not fit it", spec.name, name));
  }
  TRY(Builder(cache, spec, ready.inputs, options).build());
  return ready.inputs;
}

Result<Config> configure_kernel(const fs::path& cache, const Spec& spec,
                                const std::function<void(const std::string&)>& on_note) {
  TRY_ASSIGN(const SourceInputs ready, gather(cache, spec, on_note));
  TRY_ASSIGN(const TempDir work, TempDir::make(cache, ".configure-"));
  Slot slot;
  slot.path = work.path();
  TRY(lay_out(slot, ready.inputs, nullptr));
  const Make make{slot.path / "src", ready.inputs.tools, {}, default_jobs(), slot.path / "build.log"};
  TRY(configure(slot, ready.inputs, nullptr, make));
  TRY_ASSIGN(const std::string text, read_file(slot.path / "src/obj/.config"));
  return parse_config(text, spec.name);
}

}  // namespace hangar::kernel
