// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Task stacks that are alike, over the logs of all runs of a cell: where its tasks wait.
namespace hangar::report {

struct StackGroup {
  std::vector<std::string> frames;  // from the innermost; what the guest printed, as it was
  std::uint64_t count = 0;
  std::map<std::string, std::uint64_t> states;  // "D": 3
  std::string who;                              // a few names, of the first run
  std::vector<std::string> runs;                // that have it, in the order of add()
  std::uint64_t line = 0;                       // the first one, in the log of the first of these runs
};

class Stacks {
 public:
  void add(const std::string& run, std::string_view log);
  // At most `most` of them: those that the most runs have, then the most common ones.
  [[nodiscard]] std::vector<StackGroup> sorted(std::size_t most) const;
  [[nodiscard]] std::size_t size() const { return groups_.size(); }

 private:
  std::map<std::vector<std::string>, StackGroup> groups_;
};

}  // namespace hangar::report
