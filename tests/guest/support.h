// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/run/executor.h"
#include "harness/run/report.h"
#include "harness/run/request.h"
#include "harness/run/status.h"

// What tests that boot guests share. They run the real program on the real cache, so that kernels are built
// once.
namespace hangar::guest_tests {

// An observer that prints each note and run, so that a long test is not silent.
class PrintingObserver : public run::Observer {
 public:
  void note(const std::string& line) override;
  void on_build(const std::string&, const BuildProgress&) override {}
  void on_status(const std::string&, const run::Status&) override {}
  void on_run(const run::CellReport& cell, const run::RunReport& run) override;
};

// A request for one cell, with the default home.
[[nodiscard]] run::Request request_for(const std::string& scenario, const std::string& kernel);

// tests/data/scenarios/NAME.yaml
[[nodiscard]] std::string test_scenario(const std::string& name);

// What GoogleTest takes for a name: all else becomes `_`.
[[nodiscard]] std::string as_test_name(std::string text);

// Runs it and returns its only run, or the last where runs are repeated; fails the test when the host failed.
[[nodiscard]] run::RunReport run_once(const run::Request& request);

struct ProgramResult {
  int status = -1;
  std::string output;  // stdout and stderr
};
// The hangar program, to its end.
[[nodiscard]] ProgramResult hangar(std::vector<std::string> args);

// A setting of a longer test (soak), or what the default run takes.
[[nodiscard]] int number_from_environment(const char* name, int otherwise);

// Pids of QEMU processes that run a domain of Hangar's, and of Hangar's workers.
[[nodiscard]] std::vector<int> hangar_processes();

}  // namespace hangar::guest_tests
