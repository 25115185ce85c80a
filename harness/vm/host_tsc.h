// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace hangar::vm {

// How fast the host's TSC counts, in MHz; 0 when this is not x86 or the counter is not usable. Takes 20 ms
// the first time. Rounded to whole MHz, so that two measurements give the same command line: an error of 200
// ppm at most.
[[nodiscard]] unsigned host_tsc_mhz();

// A guest under TCG reads the host's TSC, and calibrates it against an emulated timer that is late on a busy
// host: 1 of 40 boots at load 15 believed in 245 MHz instead of 2596, so that its seconds were ten times too
// short. " tsc_early_khz=N" (Linux 5.9 and later; others ignore it) sets it instead. Empty when the
// frequency is not known.
[[nodiscard]] std::string tcg_clock_argument();

}  // namespace hangar::vm
