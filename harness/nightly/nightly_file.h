// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/word.h"

// FILE.yaml of `hangar nightly FILE.yaml`, as typed values: what is followed, which scenarios run, what a
// night may cost and where reports are written. Relative paths are relative to the file.
namespace hangar::nightly {

enum class TargetKind : std::uint8_t { git, debian, queue };

// What is followed. Each night it has a newest revision, from which a kernel is built.
struct Target {
  TargetKind kind = TargetKind::git;
  std::string name;
  std::string source;  // git: path or URL; debian: package; queue: mbox
  std::string branch;  // git
  std::string on;      // queue: the kernel to which the patches are applied
};

// Runs of each scenario per night: `least` first, up to `most` where there is doubt.
struct Repeat {
  int least = 5;
  int most = 20;
};

struct NightlyFile {
  std::string name;
  std::string about;
  fs::path folder;  // of the file: relative paths begin there
  std::vector<Target> follow;
  std::vector<std::string> scenarios;
  std::string run;      // a shell command that is run in place of guests, for each scenario; "": none is
  std::string config;   // parts that are added to each kernel: "memcg+slab"; "": none
  std::string image;    // that replaces the scenarios', as for --image; "": none does
  std::string release;  // a kernel that stays the reference; "": none
  std::chrono::milliseconds budget{std::chrono::hours(6)};
  Repeat repeat;
  int rest = 7;   // nights that a series may pass without a run, if the budget allows its runs at all
  int keep = 30;  // nights whose reports are kept
  std::uint64_t min_free = 10ull << 30;  // bytes on the disk below which a night ends
  fs::path reports;                      // a folder
  std::string notify;                    // a shell command that gets a text on stdin; "": none
};

// `name` is the file's, for messages.
[[nodiscard]] Result<NightlyFile> parse_nightly(std::string_view text, const std::string& name,
                                                const fs::path& folder);
// Paths become absolute: a later night may begin in another folder.
[[nodiscard]] Result<NightlyFile> load_nightly(const fs::path& file);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::TargetKind> =
    std::to_array<std::string_view>({"git", "debian", "queue"});
