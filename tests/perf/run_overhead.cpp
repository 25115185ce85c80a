// SPDX-License-Identifier: GPL-2.0-only
// What `hangar run` adds to bare QEMU (the very argument list that libvirt made, run directly, from spawn to
// exit) and to a small program that starts the same machine by the same embedded libvirt, with a reproducer
// that does nothing. All in turn, medians of each; printed as differences and ratios; no limit is checked.
//   run_overhead HANGAR BASELINE ROUNDS
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/image/copy.h"
#include "harness/vm/fifo.h"
#include "harness/vm/listener.h"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

struct Bare {
  std::vector<std::string> argv;
  fs::path folder;  // for sockets and the private disk
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// libvirt's list without what only libvirt can hold: its monitor, its key, the start in pause and the wait
// after power-off.
Bare bare_arguments(const std::vector<std::string>& argv, const fs::path& folder) {
  std::string old_folder;
  for (const std::string& word : argv) {
    const size_t at = word.find("path=");
    if (at != std::string::npos && word.find("console.sock") != std::string::npos)
      old_folder = fs::path(word.substr(at + 5)).parent_path();
  }
  Bare bare{{}, folder};
  for (size_t i = 0; i < argv.size(); ++i) {
    const bool has_next = i + 1 < argv.size();
    if (argv[i] == "-S" || argv[i] == "-no-shutdown") continue;
    const bool monitor = has_next && (argv[i + 1].find("charmonitor") != std::string::npos ||
                                      argv[i + 1].find("masterKey0") != std::string::npos);
    if (monitor) {
      ++i;
      continue;
    }
    bare.argv.push_back(replaced(argv[i], old_folder, folder.string()));
  }
  return bare;
}

// Plays the host's side of the three channels until QEMU closes them.
void serve(const hangar::vm::Listener& console, const hangar::vm::Listener& agent, hangar::vm::Fifo& pulse) {
  const std::chrono::milliseconds patience(10000);
  auto first = console.accept(patience);
  auto second = agent.accept(patience);
  if (!first || !second) return;
  const hangar::Fd third = pulse.take_reader();
  pollfd waiting[3] = {{first->get(), POLLIN, 0}, {second->get(), POLLIN, 0}, {third.get(), POLLIN, 0}};
  std::string heard;
  bool started = false;
  char buffer[65536];
  while (waiting[0].fd >= 0 && ::poll(waiting, 3, 60000) > 0) {
    for (size_t i = 0; i < 3; ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const ssize_t got = ::read(waiting[i].fd, buffer, sizeof buffer);
      if (got == 0) waiting[i].fd = -1;
      if (i == 1 && got > 0) heard.append(buffer, static_cast<size_t>(got));
    }
    if (!started && heard.find("hello") != std::string::npos) {
      started = true;
      (void)hangar::write_all(second->get(), "start\t1\t0\t/repro/bin/nothing\n");
    }
  }
}

double time_bare(const Bare& bare, const fs::path& disk) {
  const fs::path copy = bare.folder / "disk.img";
  fs::remove(copy);
  (void)hangar::image::copy_sparse(disk, copy);
  const auto console = hangar::vm::Listener::listen(bare.folder / "console.sock", std::nullopt);
  const auto agent = hangar::vm::Listener::listen(bare.folder / "agent.sock", std::nullopt);
  auto pulse = hangar::vm::Fifo::make(bare.folder / "pulse", std::nullopt);
  if (!console || !agent || !pulse) return -1;
  std::thread server([&] { serve(*console, *agent, *pulse); });
  const auto began = Clock::now();
  const auto finished = hangar::run_process({.argv = bare.argv});
  const double took_s = seconds_since(began);
  server.join();
  if (!finished || !finished->good()) {
    fmt::print("bare QEMU failed: {}\n", finished ? finished->output : finished.error().message);
    return -1;
  }
  return took_s;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double time_baseline(const std::string& baseline, const fs::path& run) {
  const auto began = Clock::now();
  const auto finished = hangar::run_process({.argv = {baseline, run.string()}});
  const double took_s = seconds_since(began);
  if (finished && finished->good()) return took_s;
  fmt::print("the baseline failed: {}\n", finished ? finished->output : finished.error().message);
  return -1;
}

int measure(const std::string& program, const std::string& baseline, int rounds) {
  std::vector<double> ours;
  std::vector<double> bare_s;
  std::vector<double> baseline_s;
  auto folder = hangar::TempDir::make("/tmp", "hp");
  if (!folder) return 1;
  for (int round = 0; round < rounds; ++round) {
    const auto began = Clock::now();
    const auto finished = hangar::run_process(
        {.argv = {program, "run", "nothing", "--kernel", "v6.1", "--accel", "tcg", "--quiet", "--json"},
         .separate_stderr = true});
    const double took_s = seconds_since(began);
    const auto report = nlohmann::json::parse(finished ? finished->output : "", nullptr, false);
    if (!finished || !finished->good() || !report.is_object()) {
      fmt::print("hangar run failed\n");
      return 1;
    }
    ours.push_back(took_s);
    const fs::path directory = report["cells"][0]["runs"][0]["directory"].get<std::string>();
    const auto argv = nlohmann::json::parse(*hangar::read_file(directory / "qemu-argv.json"))
                          .get<std::vector<std::string>>();
    const auto bundle = nlohmann::json::parse(*hangar::read_file(directory / "bundle.json"));
    const double took_bare_s =
        time_bare(bare_arguments(argv, folder->path()), bundle["placement"]["disk"].get<std::string>());
    const double took_baseline_s = time_baseline(baseline, directory);
    if (took_bare_s < 0 || took_baseline_s < 0) return 1;
    bare_s.push_back(took_bare_s);
    baseline_s.push_back(took_baseline_s);
    fmt::print("round {}: hangar run {:.2f} s, embedded libvirt {:.2f} s, bare QEMU {:.2f} s\n", round + 1,
               ours.back(), baseline_s.back(), bare_s.back());
    std::fflush(stdout);
  }
  const double own_s = median(ours);
  const std::pair<const char*, double> others[] = {{"embedded libvirt", median(baseline_s)},
                                                   {"bare QEMU", median(bare_s)}};
  for (const auto& [name, other_s] : others) {
    fmt::print("median: hangar run {:.2f} s, {} {:.2f} s: {:.2f} s more, ratio {:.2f}\n", own_s, name,
               other_s, own_s - other_s, own_s / other_s);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: run_overhead HANGAR BASELINE ROUNDS\n");
    return 2;
  }
  return measure(argv[1], argv[2], std::max(1, std::atoi(argv[3])));
}
