// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/bisect/journal.h"
#include "harness/bisect/state.h"

// Runs a bisection to its answer. What a run is, a Tester knows.
namespace hangar::bisect {

// One run of a revision, with the build before it if there was one.
struct Tested {
  Seen seen = Seen::infra;
  double seconds = 0;                  // of the run
  std::optional<double> build_s = {};  // it was built for this run
  std::string signature = {};
  std::string text = {};
};

class Tester {
 public:
  virtual ~Tester() = default;
  // One run of each, several times the same for several runs; as many results. An Error ends the bisection
  // with nothing recorded: it would be the same at each revision, or the user interrupted it.
  [[nodiscard]] virtual Result<std::vector<Tested>> test(const std::vector<int>& revisions) = 0;
  // What a build is expected to take before the first one, in seconds; and a run.
  [[nodiscard]] virtual double expected_build_s() const = 0;
  [[nodiscard]] virtual double expected_run_s() const = 0;
  // One run of the bad end with this revision reverted. None: it cannot be reverted there.
  [[nodiscard]] virtual Result<std::optional<Tested>> test_reverted(int /*revision*/) {
    return std::optional<Tested>();
  }
  // Of each revision whether it need not be built, besides those that this bisection has built. Empty: none.
  [[nodiscard]] virtual std::vector<bool> already_built() const { return {}; }
};

// Called after each event, and once at the beginning with none.
using OnEvent = std::function<void(const State& state, const Event* event)>;

// So many runs in a row that the host fails end a bisection.
inline constexpr int most_infra_in_row = 5;

// A revision that shows something else so often, and more than three times as often as a hit or a miss, is
// skipped.
inline constexpr int most_other = 3;

// Returns when there is an answer, confirmed if the setup asks for it, or no run can be made any more.
[[nodiscard]] Result<void> drive(Journal& journal, State& state, Tester& tester, const OnEvent& on_event);

}  // namespace hangar::bisect
