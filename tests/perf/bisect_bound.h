// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// How few runs a search needs that knows both rates. A run is a use of a channel, whose outcome is a hit with
// one of two rates.
namespace hangar::simulated {

// In bits per run.
[[nodiscard]] double capacity(double rate, double false_alarms);
// The larger of the two Kullback-Leibler divergences between the outcomes of a bad and of a good revision, in
// nats. Infinite if a single outcome can be proof in each run.
[[nodiscard]] double divergence(double rate, double false_alarms);
// 0.95 log2(revisions) / capacity + ln(20) / divergence.
[[nodiscard]] double bound(int revisions, double rate, double false_alarms);

}  // namespace hangar::simulated
