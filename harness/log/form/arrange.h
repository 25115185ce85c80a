// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/log/form/joiner.h"

// Lines that are not in the order of time: newest first, or the parts of a pstore dump.
namespace hangar::log {

/// `Oops#1 Part21`: the dump, and which part of it. The highest part is the oldest.
struct DumpPart {
  std::int64_t dump = 0;
  std::int64_t part = 0;
};
[[nodiscard]] std::optional<DumpPart> part_of(std::string_view text);

/// Whether the stamps fall from line to line.
[[nodiscard]] bool runs_backwards(const std::vector<Piece>& lines);

/// Puts the lines into the order of time. Dumps of the same buffer share lines: each is kept once. Returns
/// how many were removed.
std::size_t arrange(std::vector<Piece>& lines, const Form& form);

}  // namespace hangar::log
