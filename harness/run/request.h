// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/scenario/scenario.h"

// What `hangar run` is asked to do: which cells, how often, and when it is enough.
namespace hangar::run {

struct Request {
  fs::path source_tree;
  Home home;
  std::vector<std::string> scenarios;  // names or paths; none: the default scenario
  std::vector<std::string> kernels;    // names or paths; none: those of each scenario
  bool matrix = false;                 // also those of the scenario's matrix
  std::string expect;  // `--expect`: the kernel whose expectations hold; empty: scenario::judge_as() decides
  std::string append;  // added to every kernel command line
  std::optional<fs::path> exec;                           // runs in place of the scenario's reproducer
  std::string command;                                    // the same, for the shell of the image
  bool locked = false;                                    // an image has exactly the versions of its lock
  std::vector<std::pair<std::string, std::string>> args;  // of the reproducer, over the scenario's
  std::vector<int> steps;  // of the scenario's sequence, in this order; none: as the scenario has them
  scenario::MachineChanges machine;  // of the scenario's
  scenario::RunChanges run;          // of the scenario's
  bool memalloc_info = true;         // in source trees, where the series fits
  std::optional<int> repeat;         // runs of each cell, or the most of them with `until_...`
  bool until_hang = false;           // stop_rule.h
  bool until_fail = false;
  std::optional<double> until_confident;
  int jobs = 0;                            // runs at once; 0: as many as the host has room for
  bool exclusive = false;                  // one at a time, whatever there is room for
  std::optional<std::uint64_t> seed;       // of the order and of each run's own seed; none: a random one
  std::optional<scenario::BootMode> boot;  // none: the scenario's
  // Restored repeats of a cell take turns on so many saved guests, the first of them on number `first_guest`:
  // runs from one saved guest are not independent of each other. 0: guests_of() decides.
  int guests = 0;
  int first_guest = 0;
  std::vector<std::string> connect;     // URIs of libvirt, among which runs are spread; none: embedded
  fs::path program = "/proc/self/exe";  // the hangar that has the subcommand `worker`
};

inline constexpr const char* default_scenario = "mmap-lock-livelock";

}  // namespace hangar::run
