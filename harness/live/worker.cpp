// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/worker.h"

#include <memory>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/checkpoint/saved_guest.h"
#include "harness/image/copy.h"
#include "harness/image/root.h"
#include "harness/live/guest_saver.h"
#include "harness/live/host_oom.h"
#include "harness/live/host_sampler.h"
#include "harness/outcome/event.h"
#include "harness/sandbox/guard.h"
#include "harness/store/run_directory.h"
#include "harness/vm/connection.h"
#include "harness/vm/domain_name.h"
#include "harness/vm/remote_uri.h"

namespace hangar::live {
namespace {

constexpr const char* disk_name = "disk.img";
constexpr const char* root_name = "root.qcow2";

// Nothing when the bundle's machine boots.
Result<std::optional<checkpoint::SavedGuest>> saved_guest_of(const run::Bundle& bundle) {
  if (bundle.placement.saved_guest.empty()) return std::optional<checkpoint::SavedGuest>();
  TRY_ASSIGN(checkpoint::SavedGuest guest, checkpoint::read_saved_guest(bundle.placement.saved_guest));
  return std::optional(std::move(guest));
}

vm::MachineSpec machine_spec(const run::Bundle& bundle, const std::optional<checkpoint::SavedGuest>& saved,
                             const fs::path& scratch) {
  vm::MachineSpec spec;
  spec.name = saved ? saved->name : vm::domain_name(bundle.id);
  if (saved) spec.uuid = saved->uuid;
  spec.kernel = bundle.placement.kernel_path;
  spec.initrd = bundle.placement.initrd;
  spec.cmdline = run::full_cmdline(bundle);
  const bool remote = vm::is_remote(bundle.placement.connect);
  spec.disk = remote ? fs::path(bundle.placement.disk) : scratch / disk_name;
  if (bundle.image == ImageKind::host) spec.root = vm::Root::host;
  if (!bundle.placement.root.empty()) {
    spec.root = vm::Root::disk;
    spec.root_disk = remote ? fs::path(bundle.placement.root) : scratch / root_name;
    if (remote) spec.root_format = bundle.placement.root_format;
  }
  spec.disk_iops = bundle.disk_iops;
  spec.cpus = bundle.cpus;
  spec.memory_bytes = bundle.memory_bytes;
  spec.accel = bundle.accel;
  spec.run_folder = scratch;
  return spec;
}

Result<void> keep_record(const fs::path& directory, const vm::MachineRecord& record) {
  TRY(write_file(directory / store::names::domain_xml, record.domain_xml));
  return write_file(directory / qemu_argv_file, json_text(nlohmann::json(record.qemu_argv), 1) + "\n");
}

using Clock = LiveRun::Clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::string in_words(const Error& error) {
  return error.message + (error.detail.empty() ? "" : "\n" + error.detail);
}

// One run of a bundle, in its own process.
class Execution {
 public:
  Execution(const run::Bundle& bundle, fs::path directory,
            const std::function<void(const run::Status&)>& on_status, Records records)
      : bundle_(bundle),
        directory_(std::move(directory)),
        on_status_(on_status),
        records_(std::move(records)) {}

  int run() {
    auto ran = with_machine(bundle_, [&](vm::Machine& machine) { return run_guest(machine); });
    watch_.end("release");
    auto finished = records_.serial.finish();
    (void)records_.events.event({0, run::timings_event, to_json(watch_.timings())});
    if (ran && finished) return 0;
    const Error& error = ran ? finished.error() : ran.error();
    const auto end =
        error.fault == Fault::interrupted ? verdict::End::interrupted : verdict::End::host_trouble;
    (void)records_.events.event(event_of(0, outcome::Ended{end, in_words(error)}));
    return did_not_restore_ ? did_not_restore : host_failed;
  }

 private:
  // From here on a failure is the host's.
  Result<void> run_guest(vm::Machine& machine) {
    watch_.end("define machine");
    LiveRun live(machine, bundle_, records_, on_status_);
    TRY_ASSIGN(const auto saved, saved_guest_of(bundle_));
    TRY_ASSIGN(const auto began, saved ? go_on(machine, *saved) : boot(machine));
    auto joined = GuestRegistry::join(bundle_.placement.scratch, bundle_.id);
    auto registry = joined ? std::optional(std::move(*joined)) : std::nullopt;
    TRY_ASSIGN(const auto sampler, HostSampler::start(directory_, machine, began, std::move(registry)));
    watch_.end("start QEMU");
    (void)live.watch(began, saved ? saved->hello : "");
    watch_.end("guest");
    // A question to a QEMU that hangs ends with it.
    auto destroyed = vm::is_remote(bundle_.placement.connect) ? machine.destroy() : Result<void>();
    if (const auto sampled = sampler->stop(); !sampled)
      (void)records_.events.event({0, "host-samples-failed", sampled.error().message});
    if (destroyed) destroyed = machine.destroy();
    watch_.end("destroy");
    return destroyed;
  }

  Result<Clock::time_point> boot(vm::Machine& machine) {
    const auto called = Clock::now();
    TRY(machine.start(/*paused=*/true));
    TRY(keep_record(directory_, machine.record()));
    return begin(machine, called, "qemu-started", "");
  }

  Result<Clock::time_point> go_on(vm::Machine& machine, const checkpoint::SavedGuest& saved) {
    const auto called = Clock::now();
    auto restored = machine.restore(saved.memory(), /*paused=*/true);
    did_not_restore_ = !restored && restored.error().fault != Fault::interrupted;
    TRY(std::move(restored));
    TRY(keep_record(directory_, machine.record()));
    return begin(machine, called, "restored", saved.folder.filename().string() + " ");
  }

  // The run's clock starts as the guest's does: a daemon may take a minute to start QEMU.
  Result<Clock::time_point> begin(vm::Machine& machine, Clock::time_point called, const char* event,
                                  const std::string& what) {
    const std::string detail =
        fmt::format("{}in {:.2f} s, pid {}", what, seconds_since(called), machine.record().qemu_pid);
    prefer_for_oom_kill(machine.record().qemu_pid);
    const auto began = Clock::now();
    TRY(records_.events.event({0, event, detail}));
    TRY(records_.events.event({0, run::qemu_event, machine.record().qemu_version}));
    if (const std::string& cpu = machine.record().host_cpu; !cpu.empty())
      TRY(records_.events.event({0, run::cpu_event, cpu}));
    TRY(machine.resume());
    return began;
  }

  const run::Bundle& bundle_;
  fs::path directory_;
  const std::function<void(const run::Status&)>& on_status_;
  Records records_;
  Stopwatch watch_;
  // The saved guest itself is at fault. A libvirt that does not open, or a disk that cannot be copied, would
  // fail a run that boots too.
  bool did_not_restore_ = false;
};

int fail(const Error& error) {
  fmt::print(stderr, "hangar: {}\n", in_words(error));
  return exit_status(error);
}

int execute(const run::Bundle& bundle, const fs::path& directory,
            const std::function<void(const run::Status&)>& on_status) {
  auto records = Records::create(directory);
  if (!records) return fail(records.error());
  return Execution(bundle, directory, on_status, std::move(*records)).run();
}

// The run's own files: what it writes goes there. Those of a remote guest are made on its host.
Result<void> make_disks(const run::Bundle& bundle, const std::optional<checkpoint::SavedGuest>& saved,
                        const fs::path& scratch) {
  const run::Placement& placement = bundle.placement;
  if (vm::is_remote(placement.connect)) return {};
  TRY(image::copy_sparse(saved ? saved->disk() : fs::path(placement.disk), scratch / disk_name));
  if (placement.root.empty()) return {};
  if (saved) return image::copy_sparse(saved->root(), scratch / root_name);
  return image::make_overlay(placement.root, placement.root_format, scratch / root_name);
}

using UseMachine = std::function<Result<void>(vm::Machine&, const fs::path& scratch)>;

Result<void> with_machine_and_disk(const run::Bundle& bundle, const UseMachine& use) {
  TRY_ASSIGN(const auto saved, saved_guest_of(bundle));
  TRY_ASSIGN(const sandbox::OwnedFolder scratch,
             sandbox::OwnedFolder::make(bundle.placement.scratch, "r", bundle.id));
  TRY(make_disks(bundle, saved, scratch.path()));
  vm::ConnectionOptions options;
  options.uri = bundle.placement.connect;
  options.root = scratch.path() / "v";
  options.capabilities_cache = bundle.placement.capabilities_cache;
  TRY_ASSIGN(const auto connection, vm::Connection::open(options));
  TRY_ASSIGN(const auto machine, vm::define(*connection, machine_spec(bundle, saved, scratch.path())));
  return use(*machine, scratch.path());
}

int save(const run::Bundle& bundle, const fs::path& folder) {
  const auto saved =
      with_machine_and_disk(bundle, [&](vm::Machine& machine, const fs::path& scratch) -> Result<void> {
        const GuestDisks disks{scratch / disk_name,
                               bundle.placement.root.empty() ? fs::path() : scratch / root_name};
        TRY(save_guest(machine, bundle, disks, folder));
        return {};
      });
  return saved ? 0 : fail(saved.error());
}

}  // namespace

Result<void> with_machine(const run::Bundle& bundle, const std::function<Result<void>(vm::Machine&)>& use) {
  return with_machine_and_disk(bundle, [&](vm::Machine& machine, const fs::path&) { return use(machine); });
}

Result<int> execute_bundle(const fs::path& run_directory,
                           const std::function<void(const run::Status&)>& on_status) {
  TRY_ASSIGN(const run::Bundle bundle, run::load_bundle(run_directory));
  return sandbox::run_guarded([&] {
    return bundle.placement.save ? save(bundle, run_directory) : execute(bundle, run_directory, on_status);
  });
}

}  // namespace hangar::live
