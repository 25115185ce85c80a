// SPDX-License-Identifier: GPL-2.0-only
// Writes every export of several reports for exports_test.py, as FOLDER/REPORT/FORMAT.
//   write_exports FOLDER
#include <fmt/format.h>

#include "harness/report/formats.h"
#include "tests/report_examples.h"
#include "tests/report_runs.h"

namespace hangar {
namespace {

Result<void> write_all(const fs::path& folder, const report::Contents& contents) {
  TRY(fs::create_directories(folder));
  report::ExportOptions options;
  options.log_url_base = "https://example.org/runs/";
  for (const std::string& word : all_words<report::Format>()) {
    TRY_ASSIGN(const std::string text, render(*from_word<report::Format>(word), contents, options));
    TRY(write_file(folder / word, text));
  }
  return {};
}

Result<void> write_reports(const fs::path& folder) {
  TRY(write_all(folder / "once-in-ten", report_examples::once_in_ten()));
  TRY(write_all(folder / "each-verdict", report_examples::each_verdict()));
  TRY(write_all(folder / "two-kernels", report_examples::two_kernels()));
  TRY(write_all(folder / "with-subtests", report_examples::with_subtests()));
  TRY(write_all(folder / "hostile", report_examples::hostile()));
  TRY_ASSIGN(const auto stored, report_runs::contents(folder / "home"));
  TRY(write_all(folder / "stored", stored));
  TRY_ASSIGN(const auto passed, report_runs::contents(folder / "passed-home", {"healthy", "oom-2015-hang"}));
  return write_all(folder / "passed", passed);
}

}  // namespace
}  // namespace hangar

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: write_exports FOLDER\n");
    return 2;
  }
  const auto written = hangar::write_reports(argv[1]);
  if (written) return 0;
  fmt::print(stderr, "write_exports: {}\n", written.error().message);
  return 1;
}
