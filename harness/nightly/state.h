// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/word.h"
#include "harness/nightly/confirmation.h"
#include "harness/nightly/lab.h"
#include "harness/nightly/order.h"
#include "harness/nightly/series.h"

// What a nightly job knows: the nights that ended, the one in progress, and its findings. store.h keeps it.
namespace hangar::nightly {

// What a night does, in this order. Each phase can be continued.
enum class Phase : std::uint8_t { targets, pending, screen, confirm, bisect, report, ended };

enum class Failed : std::uint8_t { fetch, build };

struct TargetNight {
  std::string name;
  std::string revision;  // "": not fetched
  std::string subject;
  std::optional<Kernel> kernel;  // none: not built
  double build_s = 0;
  bool changed = false;  // another signature than on the night before
  std::optional<Failed> failed;
  std::string reason;
};

// Why a series did not run.
struct NotTested {
  Series series;
  std::string reason;
  bool failure = false;  // the target, the host or the disk failed. Else the budget did not suffice
};

struct Night {
  int number = 0;  // from 1
  std::string date;
  Phase phase = Phase::targets;
  double spent_s = 0;
  std::string stopped;  // why it ended early; "": it did not
  std::vector<TargetNight> targets;
  std::vector<Planned> planned;
  std::vector<Sample> samples;
  std::vector<NotTested> not_tested;
};

// suspected: a confirmation is open. confirmed: the kernels differ, and the text is due. reported: the text
// was sent, or is not sent any more. fixed: a later kernel hangs less often again.
enum class FindingState : std::uint8_t { suspected, cleared, confirmed, reported, fixed };

// Of the text about a finding. `sending` is on the disk before it is sent, `sent` after. A process that ends
// in between leaves it open whether the text arrived: it is then `unknown` and not sent again, because the
// same text twice is worse than a text that only the report has. off: the file has no `notify`.
enum class TextState : std::uint8_t { due, sending, sent, unknown, failed, off };

enum class Reference : std::uint8_t { last_good, release };

struct Finding {
  std::string id;
  Series series;
  FindingState state = FindingState::suspected;
  int night = 0;  // of the suspicion
  std::string date;
  int closed = 0;  // the night of the answer; 0: open
  Reference reference = Reference::last_good;
  Kernel good;
  Kernel bad;
  Terms terms;
  bool rose = false;  // as suspected; once confirmed, as found
  double p = 1;
  std::vector<Pair> pairs;
  std::optional<Bisected> bisected;
  int bisections = 0;  // nights on which a bisection was tried
  std::string bisect_error;
  TextState text = TextState::due;
  std::string text_error;  // why sending it failed
  int fixed_night = 0;
};

// A rise that was confirmed and is not fixed.
[[nodiscard]] bool is_open(const Finding& finding);
[[nodiscard]] bool is_confirmed(const Finding& finding);
// The ids of its confirmation's runs.
[[nodiscard]] std::vector<std::string> runs_of(const Finding& finding);

struct State {
  std::vector<Night> history;  // in the order of nights
  std::optional<Night> night;  // in progress, or the newest one
  std::vector<Finding> findings;
};

// The newest samples in the order of nights, the night in progress last: of a series, at most
// most_recent_samples; of all series, those of most_recent_nights.
inline constexpr std::size_t most_recent_samples = 40;
inline constexpr std::size_t most_recent_nights = 10;
[[nodiscard]] std::vector<Sample> recent_samples(const State& state, const Series& series);
[[nodiscard]] std::vector<Sample> recent_samples(const State& state);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::Phase> =
    std::to_array<std::string_view>({"targets", "pending", "screen", "confirm", "bisect", "report", "ended"});
template <>
inline constexpr auto hangar::words_of<hangar::nightly::Failed> = std::to_array<std::string_view>({"fetch",
                                                                                                   "build"});
template <>
inline constexpr auto hangar::words_of<hangar::nightly::FindingState> =
    std::to_array<std::string_view>({"suspected", "cleared", "confirmed", "reported", "fixed"});
template <>
inline constexpr auto hangar::words_of<hangar::nightly::TextState> =
    std::to_array<std::string_view>({"due", "sending", "sent", "unknown", "failed", "off"});
template <>
inline constexpr auto hangar::words_of<hangar::nightly::Reference> =
    std::to_array<std::string_view>({"last-good", "release"});
