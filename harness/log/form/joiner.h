// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/log/form/peel.h"
#include "harness/log/record/interest.h"

namespace hangar::log {

/// A peeled line with its place in the log.
struct Piece {
  Peeled line;
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
  Interest interest = for_all;  // of a line that was not put together from several
};

/// Joins the lines that a mailer or a terminal has split: a line that reaches the width and the next one, if
/// it has no stamp. Holds one line back if the log is wrapped.
class Joiner {
 public:
  using Sink = std::function<void(Piece&&)>;
  Joiner(const Form& form, Sink sink, std::function<void(std::uint64_t)> joined)
      : form_(form), sink_(std::move(sink)), joined_(std::move(joined)) {}
  void push(Piece&& piece);
  void finish();

 private:
  [[nodiscard]] bool continues(const Piece& next) const;

  const Form& form_;
  Sink sink_;
  std::function<void(std::uint64_t)> joined_;  // the number of each line that was joined to the one before
  std::optional<Piece> held_;
  std::size_t last_width_ = 0;  // of the last physical line in it
};

/// Whether `next` did not fit on the line before, which is so wide.
[[nodiscard]] bool reaches(std::size_t width, const Peeled& next, const Form& form);

}  // namespace hangar::log
