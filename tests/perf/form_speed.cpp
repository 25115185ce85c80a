// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"
#include "tests/log_forms.h"
#include "tests/perf/processor_time.h"
#include "tests/perf/ripgrep.h"

// How fast a log of ordinary lines is read in each form in which logs are passed on, beside ripgrep with ten
// literals on the same warm file. Processor time, the best of three: other work on the host hardly counts.
//   form_speed SEED.log MiB FOLDER [FORM]
namespace {

using namespace hangar;
using namespace hangar::log;

double best_of_three(int who, const auto& work) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double before = perf::processor_s(who);
    work();
    best = std::min(best, perf::processor_s(who) - before);
  }
  return best;
}

// The seed's lines again and again: other numbers, a rising clock.
StampedLines ordinary_lines(const std::string& seed, std::size_t bytes) {
  std::mt19937_64 random{12345};
  StampedLines out;
  std::int64_t now_us = 0;
  const auto lines = forms::lines_of(seed);
  for (std::size_t size = 0; size < bytes;) {
    for (const auto& line : lines) {
      std::int64_t ignored = 0;
      const auto stamp = printk_stamp(line, ignored);
      if (stamp == 0 || line.size() < stamp + 2) continue;
      now_us += static_cast<std::int64_t>(random() % 2000);
      std::string text(trim_right(std::string_view(line).substr(stamp + 1)));
      for (char& c : text) {
        if (c >= '1' && c <= '9' && random() % 2 == 0) c = static_cast<char>('1' + random() % 9);
      }
      size += text.size() + stamp + 2;
      out.push_back({now_us, std::move(text)});
    }
  }
  return out;
}

void measure(const LogForm& form, const StampedLines& lines, const std::string& path) {
  const std::string text = form.make(lines);
  std::ofstream(path, std::ios::binary) << text;
  std::uint64_t facts = 0;
  const double engine = best_of_three(RUSAGE_SELF, [&] {
    if (const auto read = read_log(path)) facts = read->boots.size();
  });
  const std::string command = perf::ripgrep_command(path);
  const double rg = best_of_three(RUSAGE_CHILDREN, [&] {
    if (std::system(command.c_str()) < 0) fmt::print("cannot run ripgrep\n");
  });
  const double gb = static_cast<double>(text.size()) / 1e9;
  fmt::print("{:32} {:6.2f} GB/s, ripgrep {:5.2f} GB/s, {:6.1f} x its time ({} boots)\n", form.name,
             gb / engine, gb / rg, engine / rg, facts);
  std::fflush(stdout);
  if (std::getenv("LOG_SPEED_KEEP") == nullptr) ::unlink(path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    fmt::print("use: form_speed SEED.log MiB FOLDER [FORM]\n");
    return 2;
  }
  const auto seed = read_file(argv[1]);
  if (!seed) return 2;
  const auto lines = ordinary_lines(*seed, std::strtoull(argv[2], nullptr, 10) << 20);
  for (const auto& form : log_forms()) {
    if (argc == 4 || std::string_view(form.name).find(argv[4]) != std::string_view::npos)
      measure(form, lines, std::string(argv[3]) + "/form.log");
  }
  return 0;
}
