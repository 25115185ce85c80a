// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/bisect/journal.h"

// What `hangar bisect` searches: commits, prefixes of a series, kernels, fragments or parameters.
namespace hangar::cli {

struct RevisionsGiven {
  std::string good;
  std::string bad;
  std::string repo = ".";
  bool first_parent = false;
  std::vector<std::string> paths;
  std::string needs;  // a path: in a commit without it, a miss shows nothing
  bool fixed = false;
  std::string add;      // parts of each kernel: "memcg+swap"
  std::string series;   // a patch series: each prefix is a revision
  std::string kernels;  // a file with a kernel on each line, or a folder of kernels
  std::string configs;  // "memcg,swap"
  std::string params;   // "a=1 b=2"
  std::string on;       // the kernel that series, configs and params are added to
};

// Into the setup's revisions, parents and repository. `tree` is Hangar's own.
[[nodiscard]] Result<void> find_revisions(const RevisionsGiven& given, const fs::path& tree, const Home& home,
                                          bisect::Setup& setup);

}  // namespace hangar::cli
