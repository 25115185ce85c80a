// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/monitor.h"
#include "tests/fuzz/fuzz.h"

// QEMU's `info registers -a`: never more samples than CPUs in the text.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  std::size_t cpus = 0;
  for (std::size_t at = bytes.find("CPU#"); at != std::string_view::npos; at = bytes.find("CPU#", at + 1))
    ++cpus;
  const auto samples = vm::parse_registers(bytes);
  fuzz::must(samples.size() <= cpus, "a CPU was made up", bytes);
  for (const auto& sample : samples) {
    fuzz::must(sample.index >= 0, "a negative CPU", bytes);
    fuzz::planted(samples.size() > 2 && sample.index > 100 && sample.halted && !sample.interrupts_enabled);
  }
  (void)vm::json_string(std::string(bytes), "reason");
  return 0;
}
