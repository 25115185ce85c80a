// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/support.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/experiment/execute.h"
#include "harness/run/report.h"
#include "tests/places.h"

namespace hangar::guest_tests {

void PrintingObserver::note(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void PrintingObserver::on_run(const run::CellReport& cell, const run::RunReport& run) {
  fmt::print("{} on {}: {} in {:.1f} s, {}\n", cell.scenario, cell.kernel, to_text(run.verdict), run.wall_s,
             run.directory.string());
  for (const auto& judgement : run.judgements) {
    fmt::print("  {}: {}, got {}\n", to_text(judgement.verdict), judgement.text, judgement.got);
    if (judgement.verdict == verdict::Verdict::pass) continue;
    for (const auto& line : judgement.lines) fmt::print("    {}| {}\n", line.line, line.text);
  }
  std::fflush(stdout);
}

run::Request request_for(const std::string& scenario, const std::string& kernel) {
  run::Request request;
  request.source_tree = places::source;
  request.home = find_home(std::nullopt);
  request.scenarios = {scenario};
  if (!kernel.empty()) request.kernels = {kernel};
  request.program = places::program;
  return request;
}

std::string test_scenario(const std::string& name) {
  return fs::path(places::source) / "tests/data/scenarios" / (name + ".yaml");
}

std::string as_test_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return text;
}

run::RunReport run_once(const run::Request& request) {
  PrintingObserver observer;
  auto report = experiment::execute(request, observer);
  if (!report) {
    ADD_FAILURE() << report.error().message << "\n" << report.error().detail;
    return {};
  }
  EXPECT_EQ(report->cells.size(), 1u);
  auto& run = report->cells.at(0).runs.back();
  EXPECT_NE(run.outcome.end, verdict::End::host_trouble) << run.outcome.end_detail;
  return run;
}

ProgramResult hangar(std::vector<std::string> args) {
  args.insert(args.begin(), places::program);
  Command command;
  command.argv = std::move(args);
  command.directory = places::source;
  std::string output;  // whole: a report of many runs is longer than what `finished` keeps
  command.on_line = [&](std::string_view line) { output.append(line).append("\n"); };
  const auto finished = run_process(command);
  if (!finished) return {-1, finished.error().message};
  return {finished->signal != 0 ? 128 + finished->signal : finished->status, output};
}

int number_from_environment(const char* name, int otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::atoi(given) : otherwise;
}

std::vector<int> hangar_processes() {
  using namespace std::string_literals;
  std::vector<int> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    int pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size())
      continue;
    const auto cmdline = read_file(entry.path() / "cmdline");
    if (!cmdline) continue;
    const bool qemu = cmdline->find("qemu-system") != std::string::npos &&
                      cmdline->find("guest=hangar-") != std::string::npos;
    const bool worker = cmdline->find("hangar\0worker\0"s) != std::string::npos;
    if (qemu || worker) pids.push_back(pid);
  }
  return pids;
}

}  // namespace hangar::guest_tests
