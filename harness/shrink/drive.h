// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/shrink/journal.h"
#include "harness/shrink/search.h"

// Runs a search to its answer. What a run is, a Tester knows.
namespace hangar::shrink {

struct Tested {
  Seen seen = Seen::infra;
  double seconds = 0;
  std::string text = {};
};

class Tester {
 public:
  virtual ~Tester() = default;
  // `count` runs of these steps (Setup::steps), as many results; each run has a separate boot. An Error
  // ends the search with nothing recorded.
  [[nodiscard]] virtual Result<std::vector<Tested>> test(const std::vector<int>& steps, int count,
                                                         std::uint64_t seed) = 0;
};

// Called after each run, and once at the beginning with none.
using OnEvent = std::function<void(const Search& search, const Event* event)>;

// So many runs in a row that the host fails end a search.
inline constexpr int most_infra_in_row = 5;

// The steps of a candidate.
[[nodiscard]] std::vector<int> steps_of(const Setup& setup, const Kept& kept);

// The state after these events. Runs of a candidate that was decided before them do not count.
[[nodiscard]] Search replay(const Setup& setup, const std::vector<Event>& events);

// Returns when there is an answer, when no run may be made any more, or when `enough` is true before a run.
[[nodiscard]] Result<void> drive(Journal& journal, Search& search, Tester& tester,
                                 const std::function<bool()>& enough, const OnEvent& on_event);

}  // namespace hangar::shrink
