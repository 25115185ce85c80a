// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "harness/log/form/joiner.h"

namespace hangar::log {

/// Of one message, as they came.
struct FragmentSet {
  Piece first;                                // the first that came
  std::map<std::int64_t, std::string> parts;  // by their offset
  std::int64_t last = 0;                      // offset of the last that came
  std::size_t bytes = 0;
};

/// Joins the fragments of a message that netconsole sent in several packets, `ncfrag=OFFSET/TOTAL` (extended
/// netconsole, since 4.3). They may come in any order, with other lines in between, and, from a receiver that
/// adds no line breaks, on one line. Of an incomplete message the text before the gap is kept.
class FragmentJoiner {
 public:
  using Sink = std::function<void(Piece&&)>;
  FragmentJoiner(Sink sink, std::function<void(std::uint64_t)> lost)
      : sink_(std::move(sink)), lost_(std::move(lost)) {}
  void push(Piece&& piece);
  void finish();
  /// No message is incomplete.
  [[nodiscard]] bool idle() const { return !open_; }

 private:
  void add(const Piece& piece);
  [[nodiscard]] bool continues(const Piece& piece) const;
  void release();
  // The text up to the first gap.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool complete() const;

  Sink sink_;
  std::function<void(std::uint64_t)> lost_;  // the line of a message that is incomplete
  std::optional<FragmentSet> open_;
  std::deque<Piece> held_;  // lines behind it, so that the order stays
};

}  // namespace hangar::log
