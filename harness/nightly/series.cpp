// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/series.h"

namespace hangar::nightly {

std::string name_of(const Series& series) {
  return series.target + "/" + series.scenario;
}

void Tally::add(Seen seen) {
  if (seen == Seen::excluded) {
    ++excluded;
    return;
  }
  ++runs;
  hits += seen == Seen::hit ? 1 : 0;
}

Tally& Tally::operator+=(const Tally& other) {
  hits += other.hits;
  runs += other.runs;
  excluded += other.excluded;
  return *this;
}

Tally tally_of(const std::vector<Run>& runs) {
  Tally tally;
  for (const Run& run : runs) tally.add(run.seen);
  return tally;
}

}  // namespace hangar::nightly
