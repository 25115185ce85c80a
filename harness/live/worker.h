// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/live/live_run.h"

namespace hangar::live {

inline constexpr const char* qemu_argv_file = "qemu-argv.json";

// The worker's exit status when restoring the bundle's saved guest failed: nothing ran, and the run may be
// done again without that saved guest. Failures before the restore are the host's, with exit status 3.
inline constexpr int did_not_restore = 4;
// The host failed; the event `end` has the reason.
inline constexpr int host_failed = 3;

// Opens libvirt, makes the bundle's machine with a private copy of its disk, and hands it to `use`, not
// started yet. All of it is gone on return.
[[nodiscard]] Result<void> with_machine(const run::Bundle& bundle,
                                        const std::function<Result<void>(vm::Machine&)>& use);

// Executes the bundle in a run directory and leaves serial.log, agent.jsonl, pulse.log, events.jsonl,
// host.jsonl, domain.xml there; or, for a bundle that only saves, a saved guest. Runs below a guard, in a
// separate process: call it before any thread exists. Statuses go out through `on_status`, from the guarded
// child. Returns the worker's exit status: 0, 3 when the host failed (the reason is the event `end`), or
// did_not_restore.
[[nodiscard]] Result<int> execute_bundle(const fs::path& run_directory,
                                         const std::function<void(const run::Status&)>& on_status);

}  // namespace hangar::live
