// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "tests/perf/processor_time.h"
#include "tests/perf/ripgrep.h"

// How fast the engine reads: makes a log of the wanted size out of a guest's own, with numbers and names
// varied so that no two blocks are alike, and times it beside `wc -l` and ripgrep on the same warm file. With
// `xz` the log is compressed by `xz -T0` and timed beside `xz -dc -T0 | wc -l`.
//   log_speed SEED.log NAME MiB FOLDER [xz]
namespace {

using namespace hangar;

struct Maker {
  std::mt19937_64 random{12345};
  double clock_s = 0;

  // Digits change (not the 0 of `0x`: no kernel prints `7x1f`); the shape of a line stays.
  void vary(std::string_view line, std::string& out) {
    const auto close = line.find("] ");
    const auto body =
        line.starts_with("[") && close != std::string_view::npos ? line.substr(close + 2) : line;
    clock_s += static_cast<double>(random() % 2000) / 1e6;
    out += fmt::format("[{:12.6f}] ", clock_s);
    bool digits_before = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
      const char c = body[i];
      const bool prefix = c == '0' && i + 1 < body.size() && body[i + 1] == 'x';
      if (c >= '0' && c <= '9' && !prefix && (digits_before || random() % 2 == 0)) {
        out += static_cast<char>('0' + random() % 10);
        digits_before = true;
      } else {
        out += c;
        digits_before = false;
      }
    }
    out += '\n';
  }
};

bool make_log(const std::string& seed, const std::string& path, std::size_t bytes) {
  auto text = read_file(seed);
  if (!text) return false;
  std::vector<std::string_view> lines;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (end > 0) lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  Maker maker;
  std::ofstream file(path, std::ios::binary);
  std::string block;
  std::size_t written = 0;
  while (written < bytes) {
    block.clear();
    for (const auto line : lines) maker.vary(line, block);
    file.write(block.data(), static_cast<std::streamsize>(block.size()));
    written += block.size();
  }
  return file.good();
}

double timed(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double shell(const std::string& command) {
  return timed([&] {
    if (std::system(command.c_str()) < 0) fmt::print("cannot run {}\n", command);
  });
}

double engine(const std::string& path, bool prefilter, std::uint64_t& events) {
  return timed([&] {
    auto source = log::ByteSource::open(path);
    if (!source) return;
    events = 0;
    log::Engine one([&](log::Event&&) { ++events; }, log::EngineOptions{prefilter});
    if (!log::feed_all(*source, one)) fmt::print("cannot read {}\n", path);
    one.finish();
  });
}

// Kept when LOG_SPEED_KEEP is set, to profile the reader on it.
void done_with(const std::string& path) {
  if (std::getenv("LOG_SPEED_KEEP") == nullptr) ::unlink(path.c_str());
}

// Both use every core, so they take turns.
int compressed(const std::string& name, const std::string& path, double gb) {
  const double made = shell("xz -T0 -f " + path);
  const std::string packed = path + ".xz";
  std::uint64_t events = 0;
  double best = 1e9;
  double wc = 1e9;
  for (int i = 0; i < 5; ++i) {
    wc = std::min(wc, shell("xz -dc -T0 " + packed + " | wc -l >/dev/null"));
    best = std::min(best, engine(packed, true, events));
  }
  fmt::print(
      "{}: {:.2f} GB as .xz (made in {:.0f} s): engine {:.2f} s ({} events), xz -dc -T0 | wc -l {:.2f} s\n",
      name, gb, made, best, events, wc);
  fmt::print("{}: engine takes {:.2f} x the time of xz -dc -T0 | wc -l\n", name, best / wc);
  done_with(packed);
  return events > 0 ? 0 : 1;
}

int plain(const std::string& name, const std::string& path, double gb) {
  std::uint64_t fast_events = 0;
  std::uint64_t slow_events = 0;
  double best = 1e9;
  double cpu = 1e9;
  double wc = 1e9;
  for (int i = 0; i < 5; ++i) {
    wc = std::min(wc, shell("wc -l " + path + " >/dev/null"));
    const double before = perf::processor_s(RUSAGE_SELF);
    best = std::min(best, engine(path, true, fast_events));
    cpu = std::min(cpu, perf::processor_s(RUSAGE_SELF) - before);
  }
  const double rg = shell(perf::ripgrep_command(path));
  const double slow = engine(path, false, slow_events);
  fmt::print(
      "{}: {:.2f} GB: engine {:.2f} GB/s (of processor time {:.2f}; {} events), obvious path {:.2f} GB/s ({} "
      "events), wc -l {:.2f} "
      "GB/s, ripgrep {:.2f} GB/s\n",
      name, gb, gb / best, gb / cpu, fast_events, gb / slow, slow_events, gb / wc, gb / rg);
  fmt::print("{}: engine takes {:.2f} x the time of wc -l, {:.2f} x that of ripgrep\n", name, best / wc,
             best / rg);
  done_with(path);
  return fast_events == slow_events ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const bool xz = argc == 6 && std::string_view(argv[5]) == "xz";
  if (argc != 5 && !xz) {
    fmt::print("use: log_speed SEED.log NAME MiB FOLDER [xz]\n");
    return 2;
  }
  const std::string path = std::string(argv[4]) + "/" + argv[2] + ".log";
  const std::size_t bytes = std::strtoull(argv[3], nullptr, 10) << 20;
  if (!make_log(argv[1], path, bytes)) return 2;
  const double gb = static_cast<double>(bytes) / 1e9;
  return xz ? compressed(argv[2], path, gb) : plain(argv[2], path, gb);
}
