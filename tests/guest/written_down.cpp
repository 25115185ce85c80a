// SPDX-License-Identifier: GPL-2.0-only
// What the matrix, which takes too long for every run of the tests, gave when it was last run: a line a test
// in <state>/matrix.tsv, written as each test ends, newest result in place of the one before.
#include <ctime>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/text.h"

namespace hangar::guest_tests {
namespace {

const char* word_of(const testing::TestResult& result) {
  if (result.Skipped()) return "skipped";
  return result.Passed() ? "passed" : "failed";
}

class ResultsKeeper : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& info) override {
    const std::string name = fmt::format("{}.{}", info.test_suite_name(), info.name());
    if (std::string_view(info.test_suite_name()) == "Scenario") return;  // the default run's
    const fs::path file = find_home(std::nullopt).state / "matrix.tsv";
    const auto lock = FileLock::acquire(file.string() + ".lock");
    if (!lock) return;
    std::map<std::string, std::string> lines;
    const auto known = read_file(file);
    for (const auto line : split(known ? std::string_view(*known) : std::string_view(), '\n')) {
      if (!line.empty()) lines.emplace(line.substr(0, line.find('\t')), line);
    }
    lines[name] = fmt::format("{}\t{}\t{:.1f} s\t{:%Y-%m-%d %H:%M}Z", name, word_of(*info.result()),
                              static_cast<double>(info.result()->elapsed_time()) / 1e3,
                              fmt::gmtime(std::time(nullptr)));
    std::string text;
    for (const auto& [test, line] : lines) text += line + "\n";
    if (const auto written = write_file(file, text); !written)
      fmt::print(stderr, "{}\n", written.error().message);
  }
};

[[maybe_unused]] const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new ResultsKeeper);
  return true;
}();

}  // namespace
}  // namespace hangar::guest_tests
