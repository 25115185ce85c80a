// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/serial.h"
#include "tests/fuzz/fuzz.h"

// serial.idx: offsets and times only rise, and so do the times at offsets.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto times = store::SerialTimes::parse(bytes);
  const auto& entries = times.entries();
  for (std::size_t i = 1; i < entries.size(); ++i) {
    fuzz::must(entries[i - 1].first <= entries[i].first && entries[i - 1].second <= entries[i].second,
               "an entry goes backwards", bytes);
  }
  for (const auto& [offset, seconds] : entries) fuzz::must(times.at(offset) >= 0, "a negative time", bytes);
  fuzz::planted(entries.size() > 5 && entries[4].first > 1'000'000'000'000);
  return 0;
}
