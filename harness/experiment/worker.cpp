// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/worker.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/image/copy.h"
#include "harness/store/run_directory.h"
#include "harness/vm/connection.h"
#include "harness/vm/guard.h"

namespace hangar::experiment {
namespace {

vm::MachineSpec machine_spec(const Bundle& bundle, const fs::path& scratch) {
  vm::MachineSpec spec;
  spec.name = "hangar-" + bundle.id;
  spec.kernel = bundle.kernel_path;
  spec.initrd = bundle.initrd;
  spec.cmdline = bundle.cmdline;
  spec.disk = scratch / "disk.img";
  spec.cpus = bundle.cpus;
  spec.memory_bytes = bundle.memory_bytes;
  spec.accel = bundle.accel == "kvm" ? vm::Accel::kvm : vm::Accel::tcg;
  spec.run_folder = scratch;
  return spec;
}

Result<void> keep_record(const fs::path& directory, const vm::MachineRecord& record) {
  TRY(write_file(directory / store::names::domain_xml, record.domain_xml));
  return write_file(directory / qemu_argv_file, nlohmann::json(record.qemu_argv).dump(1) + "\n");
}

// From here on a failure is the host's; it becomes the event `end`, so that it stands in the run directory
// too.
Result<void> run_guest(vm::Machine& machine, const Bundle& bundle, const fs::path& directory,
                       Records& records, const std::function<void(const Status&)>& on_status) {
  LiveRun live(machine, bundle, records, on_status);
  const auto began = LiveRun::Clock::now();
  TRY(machine.start());
  const double took_s = std::chrono::duration<double>(LiveRun::Clock::now() - began).count();
  TRY(records.events.event({took_s, "qemu-started", fmt::format("pid {}", machine.record().qemu_pid)}));
  TRY(keep_record(directory, machine.record()));
  (void)live.watch(began);
  return machine.destroy();
}

int execute(const Bundle& bundle, const fs::path& directory,
            const std::function<void(const Status&)>& on_status) {
  auto records = Records::create(directory);
  if (!records) {
    fmt::print(stderr, "hangar: {}\n", records.error().message);
    return 3;
  }
  auto ran = with_machine(bundle, [&](vm::Machine& machine) {
    return run_guest(machine, bundle, directory, *records, on_status);
  });
  auto finished = records->serial.finish();
  if (ran && finished) return 0;
  const Error& error = ran ? finished.error() : ran.error();
  (void)records->events.event(
      {0, "end", "host-trouble: " + error.message + (error.detail.empty() ? "" : "\n" + error.detail)});
  return 3;
}

}  // namespace

Result<void> with_machine(const Bundle& bundle, const std::function<Result<void>(vm::Machine&)>& use) {
  TRY_ASSIGN(const vm::OwnedFolder scratch, vm::OwnedFolder::make(bundle.scratch, "r"));
  TRY(image::copy_sparse(bundle.disk, scratch.path() / "disk.img"));
  fs::permissions(scratch.path() / "disk.img", fs::perms(0666));  // QEMU may run as another user
  vm::ConnectionOptions options;
  options.uri = bundle.connect;
  options.root = scratch.path() / "v";
  options.capabilities_cache = bundle.capabilities_cache;
  TRY_ASSIGN(const auto connection, vm::Connection::open(options));
  TRY_ASSIGN(const auto machine, vm::define(*connection, machine_spec(bundle, scratch.path())));
  return use(*machine);
}

Result<int> execute_bundle(const fs::path& run_directory,
                           const std::function<void(const Status&)>& on_status) {
  TRY_ASSIGN(const std::string text, read_file(run_directory / bundle_file));
  TRY_ASSIGN(const Bundle bundle, bundle_from_json(text));
  return vm::run_guarded([&] { return execute(bundle, run_directory, on_status); });
}

}  // namespace hangar::experiment
