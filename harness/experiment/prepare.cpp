// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/prepare.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <random>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/expectations.h"
#include "harness/experiment/other_hosts.h"
#include "harness/experiment/shelves.h"
#include "harness/kernel/build/selftests.h"
#include "harness/kernel/source/debian.h"
#include "harness/sandbox/guard.h"
#include "harness/store/run_directory.h"
#include "harness/vm/accel.h"
#include "harness/vm/host_tsc.h"

namespace hangar::experiment {
namespace {

// What all guests get (nokaslr: samples of vCPUs are named by the vmlinux): see kernels/README.md for the
// kernel's own part of the command line.
constexpr const char* base_cmdline = "console=ttyS0 panic=-1 tsc=reliable nokaslr";

// What init is to mount for the program (images/guest/root.c).
const char* root_argument(ImageKind image) {
  if (image == ImageKind::initramfs) return "";
  return image == ImageKind::host ? " hangar.root=host" : " hangar.root=disk";
}

// A kernel that cannot mount the disk or the root would only be seen as a reproducer that does not start.
Result<void> check_file_systems(const kernel::Artifact& artifact, const scenario::MachineChoice& machine) {
  if (artifact.directory.empty()) return {};  // a given binary, whose config is not known
  const std::string& disk = machine.disk;
  const auto config = read_file(artifact.directory / ".config");
  if (!config) return {};
  TRY(check_root(artifact.name, *config, artifact.modules, machine.image.kind));
  if (can_mount(*config, artifact.modules, disk)) return {};
  return user_error(
      fmt::format("the kernel {0} cannot mount a disk with {1}: add `config: [{1}]` to its spec, or "
                  "choose another disk",
                  artifact.name, disk));
}

Result<std::map<std::string, kernel::Artifact>> build_kernels(const run::Request& request,
                                                              const std::vector<Cell>& cells,
                                                              run::Observer& observer) {
  const kernel::Cache cache(request.home.cache);
  std::map<std::string, kernel::Artifact> artifacts;
  for (const Cell& cell : cells) {
    const std::string& name = cell.kernel.name;
    if (artifacts.count(name) == 0) {
      TRY_ASSIGN(auto built, build_kernel(cache, cell.kernel, observer));
      artifacts.emplace(name, std::move(built));
    }
    TRY(check_file_systems(artifacts.at(name), cell.scenario.machine));
  }
  return artifacts;
}

fs::path capabilities_folder(const Home& home) {
  return home.cache / "libvirt";
}

const fs::path& bootable(const kernel::Artifact& artifact) {
  return artifact.vmlinux.empty() ? artifact.bzimage : artifact.vmlinux;
}

Result<Accel> probe_accel(const run::Request& request, const Prepared& prepared, const Cell& cell,
                          run::Observer& observer) {
  const vm::AccelRequest trial =
      accel_request(request.home, prepared.scratch, prepared.artifacts.at(cell.kernel.name),
                    images_of(prepared, cell).initrd);
  if (!prepared.hosts.empty()) return probe_hosts(request, prepared.hosts, trial, cell.kernel.name, observer);
  TRY_ASSIGN(const vm::AccelReport report, vm::probe_acceleration(trial));
  observer.note(
      fmt::format("acceleration of {}: {} ({})", cell.kernel.name, to_string(report.accel), report.reason));
  return report.accel;
}

// Kernels without modules share images, unless their selftests are on the disk.
ImagesKey images_key(const Prepared& prepared, const Cell& cell) {
  const auto& suites = cell.scenario.reproducer.selftests;
  std::string programs = cell.program_file.value_or("").string();
  for (const fs::path& file : cell.step_files) programs += file.string() + "\n";
  for (const std::string& suite : suites) programs += "selftests " + suite + "\n";
  const std::string& kernel = cell.kernel.name;
  const bool shared = prepared.artifacts.at(kernel).modules.empty() && suites.empty();
  return {shared ? "" : kernel, cell.scenario.machine.disk, programs};
}

// The selftests of a cell; none if it has none.
Result<std::optional<kernel::Selftests>> selftests_of(const run::Request& request, const Cell& cell,
                                                      run::Observer& observer) {
  const auto& suites = cell.scenario.reproducer.selftests;
  if (suites.empty()) return std::optional<kernel::Selftests>();
  kernel::BuildOptions options;
  options.on_note = [&](const std::string& line) { observer.note(line); };
  TRY_ASSIGN(auto built, kernel::build_selftests(request.home.cache, cell.kernel, suites, options));
  if (!built.failed.empty()) {
    observer.note(fmt::format("{}: selftests that do not compile are left out: {}", cell.kernel.name,
                              join(built.failed, ", ")));
  }
  return std::optional(std::move(built));
}

Result<void> prepare_images(const run::Request& request, Prepared& prepared, run::Observer& observer) {
  image::ImageRequest wanted;
  wanted.source_tree = request.source_tree;
  wanted.cache = request.home.cache;
  for (const Cell& cell : prepared.cells) {
    const kernel::Artifact& artifact = prepared.artifacts.at(cell.kernel.name);
    const ImagesKey key = images_key(prepared, cell);
    if (prepared.images.count(key) != 0) continue;
    wanted.disk_fs = cell.scenario.machine.disk;
    wanted.modules = artifact.modules;
    wanted.extra_program = cell.program_file;
    wanted.step_programs = cell.step_files;
    wanted.has_root = cell.scenario.machine.image.kind != ImageKind::initramfs;
    TRY_ASSIGN(const auto selftests, selftests_of(request, cell, observer));
    wanted.files.clear();
    if (selftests) wanted.files.push_back({scenario::selftests_archive, selftests->archive});
    TRY_ASSIGN(const image::Images made, image::build_images(wanted));
    if (!made.cached) observer.note("image: built initramfs and disk");
    prepared.images.emplace(key, made);
  }
  return {};
}

// The lock of an image that no scenario's file asks for.
fs::path own_lock(const Home& home, const scenario::ImageChoice& image) {
  return home.state / "images" / (sha256(to_text(image)).substr(0, 16) + ".lock");
}

Result<image::RootRequest> root_request(const run::Request& request, const scenario::ImageChoice& image,
                                        run::Observer& observer) {
  image::RootRequest wanted;
  wanted.kind = image.kind;
  wanted.packages = image.packages;
  wanted.lock = image.lock.empty() ? own_lock(request.home, image) : fs::path(image.lock);
  wanted.locked = request.locked;
  wanted.disk = image.disk;
  wanted.cache = request.home.cache;
  wanted.note = [&](const std::string& line) { observer.note(line); };
  if (image.kind == ImageKind::debian) {
    TRY_ASSIGN(wanted.sources, kernel::suite_sources(image::debian_suite));
  }
  return wanted;
}

void note_root(const image::Root& root, run::Observer& observer) {
  if (!root.cached && root.kind != ImageKind::initramfs)
    observer.note(fmt::format("image: built {}", run::image_words(root.kind, root.digest)));
  for (const std::string& change : root.changes)
    observer.note("image: other version than in the lock: " + change);
  if (root.kind == ImageKind::host)
    observer.note("image: guests with the host's root cannot be saved: each repeat boots");
}

Result<void> prepare_roots(const run::Request& request, Prepared& prepared, run::Observer& observer) {
  for (const Cell& cell : prepared.cells) {
    const scenario::ImageChoice& image = cell.scenario.machine.image;
    if (prepared.roots.count(to_text(image)) != 0) continue;
    TRY_ASSIGN(const image::RootRequest wanted, root_request(request, image, observer));
    TRY_ASSIGN(image::Root root, image::prepare_root(wanted));
    note_root(root, observer);
    prepared.roots.emplace(to_text(image), std::move(root));
  }
  return {};
}

// The default expectations depend on the kernel's version, which is certain once it is built.
Result<void> choose_again(const run::Request& request, Prepared& prepared) {
  for (Cell& cell : prepared.cells) {
    const auto& release = prepared.artifacts.at(cell.kernel.name).release;
    if (!cell.defaulted || !release) continue;
    TRY(choose_expectations(request, cell.kernel.name, parse_version(*release), cell));
  }
  return {};
}

}  // namespace

Result<kernel::Artifact> build_kernel(const kernel::Cache& cache, const kernel::Spec& spec,
                                      run::Observer& observer) {
  const cache::Shelves shelves = shelves_of(cache.root());
  kernel::BuildOptions options;
  options.kept = &shelves;
  options.on_progress = [&](const BuildProgress& progress) { observer.on_build(spec.name, progress); };
  options.on_note = [&](const std::string& line) { observer.note(line); };
  return cache.build(spec, options);
}

vm::AccelRequest accel_request(const Home& home, const fs::path& scratch, const kernel::Artifact& artifact,
                               const fs::path& initrd) {
  vm::AccelRequest request;
  request.kernel = bootable(artifact);
  request.kernel_key = artifact.key;
  request.initrd = initrd;
  request.cache = home.cache;
  request.scratch = scratch / "a";
  request.capabilities_cache = capabilities_folder(home);
  return request;
}

bool can_mount(const std::string& config, const std::vector<fs::path>& modules,
               const std::string& file_system) {
  std::string symbol = "CONFIG_" + file_system + "_FS=";
  for (char& letter : symbol) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  const size_t at = config.find("\n" + symbol);
  if (at == std::string::npos) return false;
  if (config[at + 1 + symbol.size()] == 'y') return true;
  return std::any_of(modules.begin(), modules.end(), [&](const fs::path& module) {
    return module.filename().string().starts_with(file_system + ".ko");
  });
}

const image::Images& images_of(const Prepared& prepared, const Cell& cell) {
  return prepared.images.at(images_key(prepared, cell));
}

const image::Root& root_of(const Prepared& prepared, const Cell& cell) {
  return prepared.roots.at(to_text(cell.scenario.machine.image));
}

Result<void> check_root(const std::string& kernel, const std::string& config,
                        const std::vector<fs::path>& modules, ImageKind image) {
  const bool disk = image == ImageKind::debian || image == ImageKind::disk;
  if (disk && !can_mount(config, modules, "ext4")) {
    return user_error(fmt::format("the image `{0}` needs a kernel with ext4, which {1} lacks: use {1}+ext4",
                                  to_string(image), kernel));
  }
  const auto has = [&](const char* symbol) {
    return config.find(fmt::format("\n{}=y", symbol)) != std::string::npos;
  };
  const bool shares = has("CONFIG_9P_FS") && has("CONFIG_NET_9P_VIRTIO") && has("CONFIG_OVERLAY_FS");
  if (image != ImageKind::host || shares) return {};
  return user_error(fmt::format(
      "the image `host` needs a kernel with 9p and overlayfs, which {0} lacks: use {0}+9p", kernel));
}

Result<std::vector<Accel>> choose_accels(const std::vector<Cell>& cells, const AccelProbe& probe) {
  std::vector<Accel> accels;
  std::map<std::string, Accel> by_kernel;
  for (const Cell& cell : cells) {
    if (cell.scenario.machine.accel) {
      accels.push_back(*cell.scenario.machine.accel);
      continue;
    }
    auto known = by_kernel.find(cell.kernel.name);
    if (known == by_kernel.end()) {
      TRY_ASSIGN(const Accel accel, probe(cell));
      known = by_kernel.emplace(cell.kernel.name, accel).first;
    }
    accels.push_back(known->second);
  }
  return accels;
}

void keep_accels(std::vector<Cell>& cells, const std::vector<Accel>& accels) {
  if (accels.size() != cells.size()) return;
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i].scenario.machine.accel = accels[i];
}

Result<Prepared> prepare(const run::Request& request, run::Observer& observer,
                         const std::vector<Accel>& accels) {
  Prepared prepared;
  TRY_ASSIGN(prepared.cells, make_cells(request));
  keep_accels(prepared.cells, accels);
  TRY_ASSIGN(prepared.hosts, look_at_hosts(request, prepared.cells, observer));
  prepared.watch.end("plan");
  TRY_ASSIGN(prepared.artifacts, build_kernels(request, prepared.cells, observer));
  TRY(choose_again(request, prepared));
  prepared.watch.end("kernels");
  TRY(prepare_images(request, prepared, observer));
  TRY(prepare_roots(request, prepared, observer));
  prepared.watch.end("images");
  TRY_ASSIGN(prepared.scratch, scratch_folder());
  TRY_ASSIGN(const auto leftovers, sandbox::remove_leftovers(prepared.scratch));
  for (const fs::path& gone : leftovers)
    observer.note(fmt::format("removed leftovers of a killed run: {}", gone.string()));
  TRY(store::remove_stillborn(request.home.state));
  prepared.capabilities = capabilities_folder(request.home);
  prepared.watch.end("leftovers");
  TRY_ASSIGN(prepared.accels, choose_accels(prepared.cells, [&](const Cell& cell) {
               return probe_accel(request, prepared, cell, observer);
             }));
  prepared.watch.end("accelerator");
  return prepared;
}

Result<run::Bundle> make_bundle(const run::Request& request, const Prepared& prepared, std::size_t index,
                                const std::string& id) {
  const Cell& cell = prepared.cells[index];
  const Accel accel = prepared.accels[index];
  const kernel::Artifact& artifact = prepared.artifacts.at(cell.kernel.name);
  const auto& rules = cell.scenario.run;
  run::Bundle bundle;
  bundle.id = id;
  bundle.scenario = cell.scenario.name;
  TRY_ASSIGN(bundle.scenario_yaml, read_file(cell.scenario.file));
  bundle.kernel = cell.kernel.name;
  bundle.placement.kernel_path = bootable(artifact);
  bundle.kernel_key = artifact.key;
  bundle.kernel_release = artifact.release.value_or("");
  bundle.kernel_source = artifact.source;
  bundle.kernel_revision = artifact.revision.commit;
  bundle.kernel_dirty = artifact.revision.dirty;
  bundle.kernel_diff = artifact.revision.diff;
  bundle.kernel_config_digest = artifact.config_digest;
  bundle.kernel_signature = artifact.signature;
  const image::Images& images = images_of(prepared, cell);
  bundle.placement.initrd = images.initrd;
  bundle.initrd_digest = images.initrd_digest;
  bundle.placement.disk = images.disk;
  bundle.disk_digest = images.disk_digest;
  const image::Root& root = root_of(prepared, cell);
  bundle.image = root.kind;
  bundle.image_digest = root.digest;
  bundle.placement.root = root.file.string();
  bundle.placement.root_format = root.format;
  bundle.disk_iops = cell.scenario.machine.disk_iops;
  // A measurement of this host.
  if (accel == Accel::tcg && prepared.hosts.empty()) bundle.placement.clock = trim(vm::tcg_clock_argument());
  bundle.append = trim(request.append);
  bundle.cmdline =
      fmt::format("{}{} {} {}", base_cmdline, root_argument(root.kind), artifact.cmdline, request.append);
  bundle.cmdline = std::string(trim(bundle.cmdline));
  bundle.accel = accel;
  bundle.cell = static_cast<int>(index);
  if (!request.connect.empty()) bundle.placement.connect = request.connect.front();
  bundle.placement.scratch = prepared.scratch;
  bundle.placement.capabilities_cache = prepared.capabilities;
  bundle.cpus = cell.scenario.machine.cpus;
  bundle.memory_bytes = cell.scenario.machine.memory_bytes;
  if (cell.scenario.sequence.empty()) bundle.argv = scenario::guest_argv(cell.scenario.reproducer);
  if (cell.program_file) bundle.argv.front() = images.extra_program;
  bundle.exec = request.exec.has_value();
  bundle.judged_as = cell.judged_as;
  bundle.seed = std::random_device()();
  set_steps(request, cell, bundle);
  bundle.deadline = rules.deadline;
  bundle.boot_deadline = rules.boot_deadline;
  bundle.idle_deadline = rules.idle_deadline;
  bundle.hang_threshold = rules.hang_threshold;
  bundle.on_hang = rules.on_hang;
  bundle.placement.started_unix =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return bundle;
}

}  // namespace hangar::experiment
