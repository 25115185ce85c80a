// SPDX-License-Identifier: GPL-2.0-only
// What repeats cost, as ratios within one run of this program; printed, judged by nobody.
//   repeats HANGAR SCENARIO restored N   N restored repeats against N cold ones
//   repeats HANGAR SCENARIO jobs N       the throughput of two jobs against that of one
//   repeats HANGAR SCENARIO memory N     what N workers at once take, beside their QEMUs
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/sandbox/descendants.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Hangar {
  std::string program;
  std::string scenario;
};

// Seconds that N repeats took; -1 when they failed.
double time_repeats(const Hangar& hangar, int repeats, const std::vector<std::string>& options) {
  std::vector<std::string> argv = {hangar.program, "run",      hangar.scenario,
                                   "--accel",      "tcg",      "--quiet",
                                   "--json",       "--repeat", std::to_string(repeats)};
  argv.insert(argv.end(), options.begin(), options.end());
  const auto began = Clock::now();
  const auto finished = hangar::run_process({.argv = argv, .separate_stderr = true});
  const double took_s = std::chrono::duration<double>(Clock::now() - began).count();
  if (finished && finished->good()) return took_s;
  fmt::print("failed: {}\n", finished ? finished->output : finished.error().message);
  return -1;
}

int compare_boots(const Hangar& hangar, int repeats) {
  // Small parts in turn, so that what else the host does hits both alike.
  constexpr int part = 5;
  double cold_s = 0;
  double restored_s = 0;
  const double first_s = time_repeats(hangar, 1, {"--jobs", "1", "--boot", "restore"});
  for (int done = 0; done < repeats; done += part) {
    const int now = std::min(part, repeats - done);
    const double cold = time_repeats(hangar, now, {"--jobs", "1", "--boot", "cold"});
    const double restored = time_repeats(hangar, now, {"--jobs", "1", "--boot", "restore"});
    if (cold < 0 || restored < 0) return 1;
    fmt::print("{} cold {:.2f} s, {} restored {:.2f} s\n", now, cold, now, restored);
    std::fflush(stdout);
    cold_s += cold;
    restored_s += restored;
  }
  fmt::print(
      "{} cold repeats {:.1f} s, {} restored ones {:.1f} s: ratio {:.2f} (the first restored run, which "
      "may have to save a guest, took {:.1f} s)\n",
      repeats, cold_s, repeats, restored_s, restored_s / cold_s, first_s);
  return 0;
}

int compare_jobs(const Hangar& hangar, int repeats) {
  const std::vector<std::string> one = {"--jobs", "1", "--boot", "cold"};
  const std::vector<std::string> two = {"--jobs", "2", "--boot", "cold"};
  const double one_s = time_repeats(hangar, repeats, one) + time_repeats(hangar, repeats, one);
  const double two_s = time_repeats(hangar, 2 * repeats, two);
  fmt::print("{} repeats: one job {:.1f} s, two jobs {:.1f} s: {:.2f} times the throughput\n", 2 * repeats,
             one_s, two_s, one_s / two_s);
  return 0;
}

// Proportional: pages that processes share are counted once.
std::uint64_t pss_kb(int pid) {
  const auto text = hangar::read_file(fmt::format("/proc/{}/smaps_rollup", pid));
  if (!text) return 0;
  const size_t at = text->find("Pss:");
  return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 4, nullptr, 10);
}

bool is_qemu(int pid) {
  const auto name = hangar::read_file(fmt::format("/proc/{}/comm", pid));
  return name && name->starts_with("qemu-system");
}

int measure_memory(const Hangar& hangar, int workers) {
  std::atomic<bool> over = false;
  std::thread runs([&] {
    (void)time_repeats(hangar, workers, {"--jobs", std::to_string(workers), "--boot", "cold"});
    over = true;
  });
  std::uint64_t most_kb = 0;
  size_t processes = 0;
  std::uint64_t most_qemu_kb = 0;
  while (!over) {
    std::uint64_t ours_kb = 0;
    std::uint64_t qemu_kb = 0;
    size_t ours = 0;
    for (const int pid : hangar::sandbox::descendants(::getpid())) {
      const std::uint64_t kb = pss_kb(pid);
      const bool qemu = is_qemu(pid);
      (qemu ? qemu_kb : ours_kb) += kb;
      ours += qemu ? 0 : 1;
    }
    if (ours_kb > most_kb) processes = ours;
    most_kb = std::max(most_kb, ours_kb);
    most_qemu_kb = std::max(most_qemu_kb, qemu_kb);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  runs.join();
  fmt::print("{} workers: {:.1f} MB in {} processes of hangar, {:.1f} MB in their QEMUs\n", workers,
             static_cast<double>(most_kb) / 1024, processes, static_cast<double>(most_qemu_kb) / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 5 ? argv[3] : "";
  const int number = argc == 5 ? std::max(1, std::atoi(argv[4])) : 1;
  const Hangar hangar{argc == 5 ? argv[1] : "", argc == 5 ? argv[2] : ""};
  if (what == "restored") return compare_boots(hangar, number);
  if (what == "jobs") return compare_jobs(hangar, number);
  if (what == "memory") return measure_memory(hangar, number);
  fmt::print(stderr, "usage: repeats HANGAR SCENARIO restored|jobs|memory N\n");
  return 2;
}
