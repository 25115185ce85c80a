// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Which parsers a line may concern, by the literals in it. A set bit may be wrong, a missing one never is.
namespace hangar::log {

using Interest = unsigned;
inline constexpr Interest for_crash = 1U << 0;
inline constexpr Interest for_oom = 1U << 1;
inline constexpr Interest for_memalloc = 1U << 2;
inline constexpr Interest for_detect = 1U << 3;
inline constexpr Interest for_stack = 1U << 4;
inline constexpr Interest for_integrity = 1U << 5;
inline constexpr Interest for_boot = 1U << 6;
inline constexpr Interest for_init = 1U << 7;  // detect() knows the lines, too
inline constexpr Interest for_all = ~0U;

}  // namespace hangar::log
