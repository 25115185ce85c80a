// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

// Processes found through /proc, and their end. The subreaper needs it, which has neither a PID
// namespace nor a cgroup; pkill -P sees one level of children.
namespace hangar::sandbox {

// Every living process below `ancestor`, but for those of `spared` and what is below them.
[[nodiscard]] std::vector<int> descendants(int ancestor, const std::set<int>& spared = {});
// Kills and reaps everything below this process, again and again until nothing is left or the deadline
// passed.
void kill_descendants(const std::set<int>& spared, std::chrono::milliseconds deadline);
// QEMU processes whose command line has `text`.
[[nodiscard]] std::vector<int> qemu_processes_with(const std::string& text);
// SIGKILL, then waits for the end; true when they are gone.
bool kill_and_wait(const std::vector<int>& pids, std::chrono::milliseconds deadline);

}  // namespace hangar::sandbox
