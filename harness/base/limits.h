// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

namespace hangar {

/// The values that a number from a guest, in a log or in a message, can have. A guest prints what it likes: a
/// number outside its range is not that field, which is then absent; it is never wrapped or clamped. The
/// ranges are small enough for the sums and products that the trackers form of them.
struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;

  [[nodiscard]] constexpr bool has(std::int64_t value) const { return value >= least && value <= most; }
};

namespace limits {

// Physical addresses have at most 52 bits (x86-64's MAXPHYADDR, arm64 with LPA).
inline constexpr std::int64_t physical_bytes = std::int64_t{1} << 52;
inline constexpr Range bytes{0, physical_bytes};
inline constexpr Range kb{0, physical_bytes / 1024};
inline constexpr Range pages{0, physical_bytes / 4096};
// A process has 56 bits of address space with five levels of page tables.
inline constexpr std::int64_t virtual_bytes = std::int64_t{1} << 56;
inline constexpr Range virtual_kb{0, virtual_bytes / 1024};
inline constexpr Range virtual_pages{0, virtual_bytes / 4096};

// PID_MAX_LIMIT of a 64-bit kernel (include/linux/threads.h); no more tasks exist at a time.
inline constexpr Range pid{0, 4'194'304};
inline constexpr Range tasks = pid;
// uid_t has 32 bits.
inline constexpr Range uid{0, 4'294'967'295};
// OOM_SCORE_ADJ_MIN to OOM_SCORE_ADJ_MAX (include/uapi/linux/oom.h). oom_adj before 2.6.36 lies within.
inline constexpr Range oom_score_adj{-1000, 1000};
// Up to 2000 since 2.6.36; badness() before it returned pages of address space.
inline constexpr Range oom_score = virtual_pages;
// -1 is SysRq-f. MAX_ORDER is 10 on x86; the most that any architecture configured is 16 (ia64).
inline constexpr Range order{-1, 16};
// NR_CPUS is at most 8192 (x86 with MAXSMP), MAX_NUMNODES 1024 (NODES_SHIFT 10).
inline constexpr Range cpu{0, 8191};
inline constexpr Range node{0, 1023};

// 136 years: no guest runs longer. A clock that wrapped prints more (2^64 ns are 18446744073 s).
inline constexpr Range seconds{0, 4'294'967'295};
inline constexpr Range milliseconds{0, seconds.most * 1000};
// What a kernel counts one by one: a million a second take 8 years.
inline constexpr Range count{0, std::int64_t{1} << 48};
// Counters of 32 bits: MemAlloc's seq, messages that printk dropped at one place.
inline constexpr Range count_32{0, 4'294'967'295};
// A kernel image and its modules lie within 2 GiB on x86 and arm64: no function is longer than 4 GiB.
inline constexpr std::uint64_t function_bytes = std::uint64_t{1} << 32;

// Names that the kernel itself bounds, in bytes; what is longer is cut.
inline constexpr std::size_t comm = 64;       // TASK_COMM_LEN is 16; kernel threads print longer names
inline constexpr std::size_t release = 64;    // __NEW_UTS_LEN
inline constexpr std::size_t module = 64;     // MODULE_NAME_LEN
inline constexpr std::size_t word = 64;       // of flags: `GFP_HIGHUSER_MOVABLE`
inline constexpr std::size_t symbol = 512;    // KSYM_NAME_LEN since 6.1; a longer word is not a symbol
inline constexpr std::size_t message = 1024;  // LOG_LINE_MAX
inline constexpr std::size_t path = 4096;     // PATH_MAX, of a memcg

}  // namespace limits
}  // namespace hangar
