// SPDX-License-Identifier: GPL-2.0-only
// What a kernel costs: cold, after patches of three files of mm/ and of page-flags.h, again, from a working
// tree again, and four more variants of one version. In a home of its own, so that cold is cold (its ccache
// too); printed as ratios to the cold build, with the bounds that they should keep.
//   kernel_build HANGAR CHECKOUT FOLDER
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<Result<void>()>& work) {
  const auto began = Clock::now();
  if (const auto done = work(); !done) {
    fmt::print("kernel_build: {}\n{}\n", done.error().message, done.error().detail);
    std::exit(1);
  }
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// A change to `file` that puts `added` before its last `kept` lines, as a patch.
struct Change {
  std::string file;
  size_t kept;
  std::string added;
};

Result<std::string> patch_text(const fs::path& source, const Change& change) {
  TRY_ASSIGN(const std::string text, read_file(source / change.file));
  auto lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  constexpr size_t context = 3;
  const size_t at = lines.size() - change.kept;  // the new line's index
  const size_t after = std::min(context, change.kept);
  std::string hunk;
  for (size_t i = at - context; i < at + after; ++i) {
    if (i == at) hunk += "+" + change.added + "\n";
    hunk.append(" ").append(lines[i]).append("\n");
  }
  if (after == 0) hunk += "+" + change.added + "\n";
  return fmt::format("--- a/{0}\n+++ b/{0}\n@@ -{1},{2} +{1},{3} @@\n{4}", change.file, at - context + 1,
                     context + after, context + after + 1, hunk);
}

class Bench {
 public:
  Bench(std::string program, const fs::path& checkout, fs::path folder)
      : program_(std::move(program)), folder_(std::move(folder)), specs_(folder_ / "checkout") {
    // A checkout of its own, in which specs and series can be put.
    std::error_code code;
    std::filesystem::create_directories(specs_, code);
    std::filesystem::copy(checkout / "kernels", specs_ / "kernels", std::filesystem::copy_options::recursive,
                          code);
    for (const char* name : {"images", "reproducers", "tests"})
      std::filesystem::create_symlink(checkout / name, specs_ / name, code);
    ::setenv("HANGAR_SOURCE", specs_.c_str(), 1);
  }

  [[nodiscard]] Result<void> hangar(std::vector<std::string> words) const {
    words.insert(words.begin(), {program_, "--home", (folder_ / "home").string(), "--quiet"});
    TRY(run_checked({std::move(words)}));
    return {};
  }

  [[nodiscard]] Result<void> add_spec(const std::string& name, const std::vector<Change>& changes) const {
    const fs::path series = specs_ / "kernels/patches" / name;
    TRY(fs::create_directories(series));
    std::string text;
    for (const Change& change : changes) {
      TRY_ASSIGN(const std::string patch, patch_text(source(), change));
      text += patch;
    }
    TRY(write_file(series / "0001-change.patch", text));
    TRY(write_file(series / "series.yaml",
                   fmt::format("series: {}\nabout: A change to measure.\n"
                               "applies-to: \">=6.1 <6.2\"\npatches: [0001-change.patch]\n",
                               name)));
    return write_file(specs_ / "kernels" / (name + ".yaml"),
                      fmt::format("base: v6.1\npatches: [{}]\n", name));
  }

  // The unpacked 6.1 below our home.
  [[nodiscard]] fs::path source() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "home/cache/sources"))
      if (fs::exists(entry.path() / "mm/oom_kill.c")) return entry.path();
    return {};
  }

 private:
  std::string program_;
  fs::path folder_;
  fs::path specs_;
};

void print_ratio(const char* what, double seconds, double cold, double bound) {
  const double ratio = seconds / cold;
  fmt::print("{:<44} {:8.1f} s  {:6.3f} of cold, at most {:.2f}: {}\n", what, seconds, ratio, bound,
             ratio <= bound ? "kept" : "EXCEEDED");
  std::fflush(stdout);
}

void print_time(const char* what, double seconds, double bound) {
  fmt::print("{:<44} {:8.2f} s  at most {:g} s: {}\n", what, seconds, bound,
             seconds <= bound ? "kept" : "EXCEEDED");
  std::fflush(stdout);
}

std::string function_called(const std::string& name) {
  return fmt::format(
      "unsigned long hangar_{0}(unsigned long x); unsigned long hangar_{0}(unsigned long x) {{ return x + 1; "
      "}}",
      name);
}

void measure(const Bench& bench, const fs::path& folder) {
  // Fetches and unpacks the source, and reads it once.
  fmt::print("{:<44} {:8.1f} s\n", "source fetched, unpacked, configured", seconds_of([&] {
               return bench.hangar({"config", "diff", "v6.1", "v6.1"});
             }));
  const double cold = seconds_of([&] { return bench.hangar({"build", "v6.1"}); });
  print_time("cold build of v6.1", cold, 300);
  print_time("the same spec again", seconds_of([&] { return bench.hangar({"build", "v6.1"}); }), 0.2);

  const std::vector<std::string> three = {"mm/oom_kill.c", "mm/vmscan.c", "mm/page_alloc.c"};
  const auto specs = [&]() -> Result<void> {
    std::vector<Change> changes;
    for (const auto& file : three)
      changes.push_back({file, 0, function_called("three_" + fs::path(file).stem().string())});
    TRY(bench.add_spec("perf-three", changes));
    TRY(bench.add_spec("perf-page-flags", {{"include/linux/page-flags.h", 3,
                                            "static inline int hangar_perf(int x) { return x + 1; }"}}));
    for (const char* name : {"memory", "swap", "slub"}) {
      TRY(bench.add_spec(std::string("perf-") + name,
                         {{fmt::format("mm/{}.c", name), 0, function_called(name)}}));
    }
    return {};
  };
  seconds_of(specs);
  print_ratio("three files of mm/", seconds_of([&] {
                return bench.hangar({"build", "perf-three"});
              }),
              cold, 0.15);
  const double more = seconds_of([&] {
    return bench.hangar({"build", "v6.1", "v6.1-oom-2015", "perf-memory", "perf-swap", "perf-slub"});
  });
  print_ratio("five variants of one version, one of them cold", cold + more, cold, 1.8);

  const fs::path tree = folder / "linux";
  const std::string path = tree.string() + "/";
  seconds_of([&]() -> Result<void> {
    TRY(run_checked({{"cp", "-a", bench.source().string(), tree.string()}}));
    TRY_ASSIGN(const std::string text, read_file(tree / "mm/oom_kill.c"));
    return write_file(tree / "mm/oom_kill.c", text + function_called("dirty") + "\n");
  });
  print_ratio("a working tree with one change", seconds_of([&] {
                return bench.hangar({"build", path});
              }),
              cold, 1.0);
  print_time("the same working tree again", seconds_of([&] { return bench.hangar({"build", path}); }), 2);
  // Last: it leaves an object tree that everything else would be far from.
  print_ratio("page-flags.h", seconds_of([&] {
                return bench.hangar({"build", "perf-page-flags"});
              }),
              cold, 1.0);
}

}  // namespace
}  // namespace hangar

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: kernel_build HANGAR CHECKOUT FOLDER\n");
    return 2;
  }
  auto folder = hangar::TempDir::make(argv[3], "kernel-build-");
  if (!folder) {
    fmt::print(stderr, "kernel_build: {}\n", folder.error().message);
    return 3;
  }
  hangar::measure(hangar::Bench(argv[1], argv[2], folder->path()), folder->path());
  return 0;
}
