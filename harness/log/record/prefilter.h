// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "harness/log/record/interest.h"
#include "harness/log/record/key_search.h"

// Finds the lines that could matter: those that hold one of the words that the parsers look for. The whole
// block is searched at once, so that an ordinary line costs no more than finding its end and its stamp. It
// may call a line hot that is not; it never misses one.
namespace hangar::log {

class Prefilter {
 public:
  // Searches `block`, whole lines, and keeps where the words are.
  void scan(std::string_view block);
  // The parsers that the matches ending in (begin, end] concern; called in rising order.
  [[nodiscard]] Interest interest(std::size_t begin, std::size_t end) {
    Interest out = 0;
    while (next_ < matches_.size() && matches_[next_].end <= end) {
      if (matches_[next_].end > begin) out |= matches_[next_].interest;
      ++next_;
    }
    return out;
  }

  // Lines that end in front of this hold no further match.
  [[nodiscard]] std::size_t quiet_until() const {
    return next_ < matches_.size() ? matches_[next_].end : std::numeric_limits<std::size_t>::max();
  }

 private:
  struct Match {
    std::uint64_t end;  // behind a byte of the word
    Interest interest;
  };
  KeySearch::Found candidates_;
  std::vector<Match> matches_;
  std::size_t next_ = 0;
};

// Words that a line must hold one of to be of interest while nothing is open.
struct Literal {
  std::string_view text;
  Interest interest;
};
[[nodiscard]] std::vector<Literal> engine_words();

}  // namespace hangar::log
