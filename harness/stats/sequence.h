// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/stats/interval.h"

// A confidence sequence for a rate: intervals that contain the true rate after all runs at once with 95%, so
// that a rule may look after every run and stop whenever it likes. The interval after n runs are the rates
// that the beta-binomial mixture martingale does not reject (H. Robbins, Statistical methods related to the
// law of the iterated logarithm, Annals of Mathematical Statistics 41, 1970; S. R. Howard, A. Ramdas, J.
// McAuliffe, J. Sekhon, Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals of Statistics
// 49, 2021). The mixture is Jeffreys' prior, Beta(1/2, 1/2): intervals are narrow for rates near 0 and 1,
// which are the usual ones here.
namespace hangar::stats {

// The rates that are not rejected after `hits` of `runs`. Contains hits/runs. Wider than exact_interval().
[[nodiscard]] Interval sequence_interval(int hits, int runs);

// The running intersection: the interval after one more run, given the one before it (initially 0 to 1). If
// the two do not overlap, the rate changed in between (or this is one of the 5%): the sequence restarts with
// the newest interval.
[[nodiscard]] Interval next_in_sequence(const Interval& before, int hits, int runs);

}  // namespace hangar::stats
