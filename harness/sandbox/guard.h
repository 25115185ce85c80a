// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// Nothing outlives its worker. libvirt makes QEMU a daemon, so a parent-death signal does not reach it; a PID
// namespace does: when its first process goes, the kernel kills the rest. Where namespaces are not to be had,
// a subreaper collects and kills what is left.
//
// Programs for this do not serve. bwrap and unshare(1) start a program, not a function, and fail where
// namespaces are not to be had, which is where the subreaper is needed. systemd-run and cgroup.kill need a
// host that was booted with systemd, or a cgroup v2 that we may write to: a container or a CI job has
// neither.
namespace hangar::sandbox {

enum class GuardKind { pid_namespace, subreaper };

[[nodiscard]] const char* to_string(GuardKind kind);

// Runs `work` in a child below a guard and returns its exit status (128 + signal when it was killed). Call it
// at the start of the worker, before any thread exists. Everything that `work` starts is gone when this
// returns, and within moments of a SIGKILL to this process, its parent, the guard or the child. SIGINT and
// SIGTERM to this process are passed on to the child, and to this process's own handlers once the child has
// ended. The guard and the child have a separate process group, which a terminal's signals do not reach;
// they can print to the terminal, but not read from it. `prefer` is for tests.
[[nodiscard]] Result<int> run_guarded(const std::function<int()>& work,
                                      GuardKind prefer = GuardKind::pid_namespace);

// A run folder that is known to belong to a living process: it is locked while this lives (or a forked copy
// of this process does), and removed with it. One whose lock is free is a leftover.
class OwnedFolder {
 public:
  // A new folder `parent/<prefix>XXXXXX`, mode 0711. `owner` is a name for remove_leftovers_of(), such as a
  // run's id.
  [[nodiscard]] static Result<OwnedFolder> make(const fs::path& parent, const std::string& prefix,
                                                const std::string& owner = {});
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

 private:
  OwnedFolder(TempDir folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  TempDir folder_;
  Fd lock_;
};

// Removes the folders below `parent` that OwnedFolder made and whose owner is dead, after killing any QEMU
// that still runs out of them. Returns what was removed.
[[nodiscard]] Result<std::vector<fs::path>> remove_leftovers(const fs::path& parent);
// The same for the folders of one owner, whose processes have ended or were killed a moment ago: they are
// waited for, at most for `deadline`. Does not end early when cancelled, since it tidies up after that.
[[nodiscard]] Result<void> remove_leftovers_of(const std::string& owner, const fs::path& parent,
                                               std::chrono::milliseconds deadline);

}  // namespace hangar::sandbox
