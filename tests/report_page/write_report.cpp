// SPDX-License-Identifier: GPL-2.0-only
// Writes the HTML report of runs, for the tests of the page.
//   write_report OUT.html RUN-DIRECTORY...
//   write_report --copies NUMBER OUT.html FOLDER [NAME...]    judged copies of tests/data/runs (default: of
//   all),
//                                                             made in FOLDER
//   write_report --rows OUT.html FILE                         runs of which only the rows are known
//   write_report --hostile OUT.html FOLDER                    a run whose console attacks the page, made in
//   FOLDER
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/report/contents.h"
#include "harness/report/html.h"
#include "tests/report_runs.h"
#include "tests/stored_runs.h"

namespace hangar {
namespace {

using Words = std::vector<std::string>;

Result<std::vector<report::Run>> read_runs(const std::vector<fs::path>& directories) {
  std::vector<report::Run> runs;
  for (const fs::path& directory : directories) {
    TRY_ASSIGN(auto run, report::read_run(directory));
    runs.push_back(std::move(run));
  }
  return runs;
}

Result<report::Contents> contents_of(std::vector<report::Run> runs) {
  TRY_ASSIGN(auto contents,
             report::contents_of(std::move(runs), [](const report::Run&) { return run::StopRule(); }));
  contents.commands = {"hangar run mmap-lock-livelock --kernel v6.1-oom-2015"};
  contents.differences = {{"v6.1", "v6.1-oom-2015", "patches of v6.1-oom-2015 only:\n  oom-2015 <all>"}};
  contents.made_by = "hangar";
  return contents;
}

const char* attack_text =
    "</script></style><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>";

// What a kernel under test prints, between the log's own lines and behind them.
std::string attacked(const std::string& serial) {
  const size_t middle = serial.find('\n', serial.size() / 2) + 1;
  const std::string lines =
      "[   12.000000] </script></style><script>window.hacked=1</script> <!-- <script> -->\n"
      "[   12.000001] <img src=x onerror=\"window.hacked=1\"> &lt;b&gt; javascript:window.hacked=1\n"
      "[   12.000002] line\xe2\x80\xa8separator \x1b[31mred\x1b[0m \x1b]0;title\x07 \xff\xfe\xc0\xaf \x01 "
      "end\r\n"
      "[   12.000003] Out of memory: Killed process 99 (<img src=x>) total-vm:944kB, anon-rss:52kB, "
      "file-rss:0kB, shmem-rss:8kB, UID:0 pgtables:40kB oom_score_adj:0\n"
      "[   12.000004] BUG: unable to handle page fault for address: <script>window.hacked=1</script>\n"
      "@1\n\t\n[   12.000005] long " +
      std::string(100000, '<') + "\n";
  return serial.substr(0, middle) + lines + serial.substr(middle) + lines;
}

Result<fs::path> hostile_run(const fs::path& folder) {
  TRY_ASSIGN(const auto directory, report_runs::copy("oom-2015-hang", folder));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  TRY_ASSIGN(const std::string serial, stored.read_serial());
  TRY(fs::remove(directory / store::names::serial_xz));
  TRY(write_file(directory / store::names::serial, attacked(serial)));
  TRY(report_runs::judge(directory));
  return directory;
}

// What users name: kernels, scenarios, files.
void attack(report::Contents& contents) {
  contents.title += attack_text;
  contents.commands.emplace_back(attack_text);
  contents.differences.push_back({attack_text, attack_text, attack_text});
  for (report::Cell& cell : contents.cells) {
    cell.label += attack_text;
    cell.scenario += attack_text;
    cell.why += attack_text;
    for (report::Run& run : cell.runs) run.why += attack_text;
  }
}

// Other digits where logs of two runs of one kernel differ: in times and in addresses. Else the copies would
// compress better than runs do.
Result<void> vary(const fs::path& directory, unsigned seed) {
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  TRY_ASSIGN(std::string serial, stored.read_serial());
  const std::string digits = "0123456789abcdef";
  for (size_t at = 0; at + 1 < serial.size(); ++at) {
    const bool of_time = at >= 7 && serial[at + 1] == ']' && serial[at - 6] == '.';
    const bool of_address = at >= 15 && serial.compare(at - 15, 4, "ffff") == 0;
    if (!of_time && !of_address) continue;
    for (size_t back = 0; back < 5; ++back) {
      seed = seed * 1664525U + 1013904223U;
      serial[at - back] = digits[(seed >> 20) % (of_time ? 10 : 16)];
    }
  }
  TRY(fs::remove(directory / store::names::serial_xz));
  TRY(write_file(directory / store::names::serial, serial));
  return stored.compress();
}

// Ids in order of time, one minute apart.
Result<std::vector<fs::path>> copies(int number, const fs::path& folder, const Words& names) {
  std::vector<fs::path> directories;
  for (int i = 0; i < number; ++i) {
    const std::string id = fmt::format("20261101-{:02}{:02}00-{:06x}", i / 60 % 24, i % 60, 0xa00000 + i);
    TRY_ASSIGN(auto directory, report_runs::copy(names[static_cast<size_t>(i) % names.size()], folder, id));
    if (static_cast<size_t>(i) >= names.size()) TRY(vary(directory, static_cast<unsigned>(i)));
    directories.push_back(std::move(directory));
  }
  return directories;
}

Result<void> write(const fs::path& out, std::vector<report::Run> runs, bool hostile = false) {
  const auto began = std::chrono::steady_clock::now();
  const size_t number = runs.size();
  TRY_ASSIGN(auto contents, contents_of(std::move(runs)));
  if (hostile) attack(contents);
  TRY_ASSIGN(const std::string page, report::to_html(contents));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  TRY(write_file(out, page));
  fmt::print("{}: {} runs, {} bytes, written in {:.2f} s\n", out.string(), number, page.size(), took.count());
  return {};
}

Result<void> write_rows(const fs::path& out, const fs::path& file) {
  std::vector<report::Run> runs;
  TRY_ASSIGN(auto rows, compare::load_rows(file));
  for (compare::Row& row : rows) runs.push_back(report::run_of(std::move(row)));
  return write(out, std::move(runs));
}

Result<void> write_as_asked(const Words& words) {
  if (words.size() >= 4 && words[0] == "--copies") {
    int number = 0;
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), number);
    const Words named(words.begin() + 4, words.end());
    TRY_ASSIGN(const auto directories,
               copies(number, words[3], named.empty() ? stored_runs::names() : named));
    TRY_ASSIGN(auto runs, read_runs(directories));
    return write(words[2], std::move(runs));
  }
  if (words.size() == 3 && words[0] == "--hostile") {
    TRY_ASSIGN(const auto directory, hostile_run(words[2]));
    TRY_ASSIGN(auto runs, read_runs({directory}));
    return write(words[1], std::move(runs), /*hostile=*/true);
  }
  if (words.size() == 3 && words[0] == "--rows") return write_rows(words[1], words[2]);
  if (words.size() < 2)
    return user_error("usage: write_report [--copies NUMBER | --rows | --hostile] OUT.html FOLDER...");
  TRY_ASSIGN(auto runs, read_runs({words.begin() + 1, words.end()}));
  return write(words[0], std::move(runs));
}

}  // namespace
}  // namespace hangar

int main(int argc, char** argv) {
  const auto done = hangar::write_as_asked({argv + 1, argv + argc});
  if (!done) fmt::print(stderr, "write_report: {}\n", done.error().message);
  return done ? 0 : hangar::exit_status(done.error());
}
