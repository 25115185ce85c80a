// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "harness/base/word.h"

// The vocabulary that logs, outcomes, scenarios and rows have in common.
namespace hangar {

// `silent`: a gap in a log alone. `hard` and `reproducer`: signals of a guest that was watched. The others
// have both sources.
enum class HangKind : std::uint8_t { boot, hard, lockup, memory_stall, task, reproducer, silent };
template <>
inline constexpr auto words_of<HangKind> = std::to_array<std::string_view>({"boot", "hard", "lockup",
                                                                            "memory-stall", "task",
                                                                            "reproducer", "silent"});

// Of a memory stall: log/infer/waiting.h has the rules.
enum class StallCause : std::uint8_t { no_kill, late_kill, victim_stuck };
template <>
inline constexpr auto words_of<StallCause> = std::to_array<std::string_view>({"no-kill", "late-kill",
                                                                              "victim-stuck"});

// What ended a hang. `end`: the log or the watching ended first.
enum class HangEnd : std::uint8_t { sysrq_f, kill, recovery, end };
template <>
inline constexpr auto words_of<HangEnd> = std::to_array<std::string_view>({"sysrq-f", "kill", "recovery",
                                                                           "end"});

// Of a finding.
enum class Certainty : std::uint8_t { certain, probable, possible };
template <>
inline constexpr auto words_of<Certainty> = std::to_array<std::string_view>({"certain", "probable",
                                                                             "possible"});

// How QEMU runs the guest's instructions.
enum class Accel : std::uint8_t { kvm, tcg };
template <>
inline constexpr auto words_of<Accel> = std::to_array<std::string_view>({"kvm", "tcg"});

// The root that a guest's program runs in: the initramfs, a disk made from Debian's packages, the host's
// files with an overlay in memory on top, or a disk of the user's.
enum class ImageKind : std::uint8_t { initramfs, debian, host, disk };
template <>
inline constexpr auto words_of<ImageKind> = std::to_array<std::string_view>({"initramfs", "debian", "host",
                                                                             "disk"});

}  // namespace hangar
