// SPDX-License-Identifier: GPL-2.0-only
#include "harness/sandbox/descendants.h"

#include <charconv>
#include <csignal>
#include <map>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<int> all_processes() {
  std::vector<int> pids;
  for (const auto& entry : fs::list_or_empty("/proc")) {
    if (const auto pid = number(entry.path().filename().string())) pids.push_back(*pid);
  }
  return pids;
}

struct Stat {
  char state = 'Z';
  int parent = 0;
};

// The name, between parentheses, may hold anything: read from its last parenthesis on.
Stat read_stat(int pid) {
  const auto text = read_file(fmt::format("/proc/{}/stat", pid));
  if (!text) return {};
  const size_t name_end = text->rfind(')');
  if (name_end == std::string::npos) return {};
  const auto fields = split(std::string_view(*text).substr(name_end + 1), ' ');
  if (fields.size() < 3 || fields[1].empty()) return {};
  return {fields[1][0], number(fields[2]).value_or(0)};
}

bool is_alive(int pid) {
  return kill(pid, 0) == 0 && read_stat(pid).state != 'Z';
}

}  // namespace

std::vector<int> descendants(int ancestor, const std::set<int>& spared) {
  std::multimap<int, int> children;
  for (const int pid : all_processes()) {
    const Stat stat = read_stat(pid);
    if (stat.state != 'Z') children.emplace(stat.parent, pid);
  }
  std::vector<int> found{ancestor};
  for (size_t next = 0; next < found.size(); ++next) {
    const auto [begin, end] = children.equal_range(found[next]);
    for (auto child = begin; child != end; ++child) {
      if (spared.count(child->second) == 0) found.push_back(child->second);
    }
  }
  found.erase(found.begin());
  return found;
}

void kill_descendants(const std::set<int>& spared, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  for (;;) {
    const auto pids = descendants(getpid(), spared);
    for (const int pid : pids) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, WNOHANG);
    }
    if (pids.empty() || Clock::now() > end) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::vector<int> qemu_processes_with(const std::string& text) {
  std::vector<int> found;
  for (const int pid : all_processes()) {
    const auto command = read_file(fmt::format("/proc/{}/cmdline", pid));
    if (!command || command->find(text) == std::string::npos) continue;
    const std::string_view program = split(*command, '\0').front();
    if (program.substr(program.rfind('/') + 1).starts_with("qemu-")) found.push_back(pid);
  }
  return found;
}

bool kill_and_wait(const std::vector<int>& pids, std::chrono::milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  for (const int pid : pids) kill(pid, SIGKILL);
  for (const int pid : pids) {
    while (is_alive(pid)) {
      if (Clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return true;
}

}  // namespace hangar::sandbox
