// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/cli/options.h"

// Completion of a command line. The shells' scripts pass all words to `hangar __complete` and show what it
// prints: so there is one implementation for all shells, and it knows this checkout's kernels and scenarios.
namespace hangar::cli {

struct Candidate {
  std::string word;
  std::string help;  // may be empty
};

struct Completion {
  std::vector<Candidate> candidates;  // those that begin with the last word
  bool files = false;                 // and the names of files
};

// Where values come from. Each returns an empty list when there are none, or when they cannot be read.
struct CompletionSources {
  std::function<std::vector<std::string>()> kernels;
  std::function<std::vector<std::string>()> kernel_parts;  // fragments and series: behind a `+`
  std::function<std::vector<std::string>()> scenarios;
  std::function<std::vector<std::string>()> runs;
  std::function<std::vector<std::string>()> topics;
};

// `words` follow `hangar`; the last one, which may be empty, is completed.
[[nodiscard]] Completion complete(const std::vector<CommandInfo>& commands,
                                  const std::vector<std::string>& words, const CompletionSources& sources);

}  // namespace hangar::cli
