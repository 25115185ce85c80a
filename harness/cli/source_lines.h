// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/log/infer/facts.h"
#include "harness/symbols/symbolizer.h"

namespace hangar::cli {

// Adds file:line and inlined functions to the frames of a log, from the vmlinux that printed it.
class SourceLines {
 public:
  // `vmlinux` has loaded its lines.
  explicit SourceLines(symbols::Symbolizer vmlinux) : vmlinux_(std::move(vmlinux)) {}
  [[nodiscard]] const symbols::Symbolizer& vmlinux() const { return vmlinux_; }

  // The frame with its source, and before it the functions that were inlined there, innermost first. A frame
  // that the vmlinux does not know is returned unchanged.
  [[nodiscard]] std::vector<log::Frame> explain(const log::Frame& frame);
  // The same for a whole stack.
  void explain(log::TaskStack& stack);

 private:
  // Function, offset and size: the size distinguishes two static functions of one name.
  using Key = std::tuple<std::string, std::uint64_t, std::optional<std::uint64_t>>;
  symbols::Symbolizer vmlinux_;
  std::map<Key, std::vector<symbols::SourceLine>> known_;
};

}  // namespace hangar::cli
