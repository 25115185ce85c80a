// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/word.h"

// What a night observes. A series is one scenario on one target; its history is one sample per night in which
// it ran.
namespace hangar::nightly {

struct Series {
  std::string target;
  std::string scenario;

  auto operator<=>(const Series&) const = default;
};
// "mainline/oom-kill"
[[nodiscard]] std::string name_of(const Series& series);

struct Kernel {
  std::string name;       // as `hangar run --kernel` takes it
  std::string revision;   // of its sources
  std::string signature;  // of what was built: kernels with the same one do the same
};

// excluded: the host or the harness disturbed the run. It counts nowhere.
enum class Seen : std::uint8_t { hit, miss, excluded };

struct Run {
  std::string id;
  Seen seen = Seen::excluded;
  std::string boot;  // the saved guest that it was restored from; "": it booted
};

struct Tally {
  int hits = 0;
  int runs = 0;  // that count
  int excluded = 0;

  void add(Seen seen);
  Tally& operator+=(const Tally& other);
  [[nodiscard]] double rate() const { return runs == 0 ? 0 : static_cast<double>(hits) / runs; }
};
[[nodiscard]] Tally tally_of(const std::vector<Run>& runs);

// What was decided about a series at the end of a night. cleared: interleaved runs of both kernels did not
// differ. confirmed: they did. moved: the rate changed although the kernel did not, so that the machine did.
enum class DecisionKind : std::uint8_t { cleared, confirmed, moved };

// A decision begins a new era: later nights are compared with `baseline` and what follows it.
struct Decision {
  DecisionKind kind = DecisionKind::cleared;
  Tally baseline;
  Kernel kernel;
};

// A series in one night.
struct Sample {
  Series series;
  int night = 0;
  Kernel kernel;
  Tally tally;
  double seconds = 0;  // that its runs took
  std::vector<std::string> ids;
  std::optional<Decision> decision;
};

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::Seen> =
    std::to_array<std::string_view>({"hit", "miss", "excluded"});
template <>
inline constexpr auto hangar::words_of<hangar::nightly::DecisionKind> =
    std::to_array<std::string_view>({"cleared", "confirmed", "moved"});
