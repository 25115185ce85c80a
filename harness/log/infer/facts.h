// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/log/infer/oom_report.h"
#include "harness/log/record/part.h"

// The contents of a log, as plain data: one LogFacts per file, one Boot for each time the guest's clock
// started at zero. `line` is a 1-based physical line of the decompressed input, times are the guest's printk
// seconds (of the wall clock where the log has only that), sizes carry their unit. What the log does not say
// is nullopt or empty; a PID that it does not say, or that is none, is -1 (limits.h).
namespace hangar::log {

using Seconds = std::optional<double>;

struct TaskId {
  std::string comm;
  std::int64_t pid = -1;
};

// ---- out of memory
// -------------------------------------------------------------------------------------------

struct OomTask {
  std::int64_t pid = -1;
  std::optional<std::int64_t> uid;
  std::optional<std::int64_t> tgid;
  std::optional<std::int64_t> total_vm_pages;
  std::optional<std::int64_t> rss_pages;
  std::optional<std::int64_t> rss_anon_pages;  // since 6.8
  std::optional<std::int64_t> rss_file_pages;
  std::optional<std::int64_t> rss_shmem_pages;
  std::optional<std::int64_t> pgtables_bytes;  // since 4.15; nr_ptes, nr_pmds and nr_puds before are pages
  std::optional<std::int64_t> nr_ptes;
  std::optional<std::int64_t> nr_pmds;
  std::optional<std::int64_t> nr_puds;
  std::optional<std::int64_t> swapents;
  std::optional<std::int64_t> oom_score_adj;
  std::string name;
};

struct OomKill {
  std::uint64_t line = 0;
  Seconds time_s;
  std::int64_t pid = -1;
  std::string comm;
  std::optional<std::int64_t> score;
  std::optional<std::int64_t> total_vm_kb;
  std::optional<std::int64_t> anon_rss_kb;
  std::optional<std::int64_t> file_rss_kb;
  std::optional<std::int64_t> shmem_rss_kb;
  std::optional<std::int64_t> resident_kb;  // the sum of those that are printed; nullopt when one is unknown
  std::optional<std::int64_t> uid;
  std::optional<std::int64_t> pgtables_kb;
  std::optional<std::int64_t> oom_score_adj;
  std::optional<TaskId> instead_of;  // the parent for which this child was sacrificed (kernels before 5.1)
  bool memcg = false;
  bool exited = false;  // the log shows that the victim went
};

struct OomReap {
  std::uint64_t line = 0;
  Seconds time_s;
  std::int64_t pid = -1;
  std::string comm;
  bool succeeded = false;
  std::optional<std::int64_t> anon_rss_kb;  // what is left
  std::optional<std::int64_t> file_rss_kb;
  std::optional<std::int64_t> shmem_rss_kb;
  Seconds after_kill_s;  // how long after the kill line, when both are in the log
};

// `oom killer 41 (hog) has mm pinned by 1 (init)`: a task that must not be killed shares the victim's mm, so
// that its memory stays.
struct MmPin {
  std::uint64_t line = 0;
  TaskId victim;
  TaskId holder;
};

// One line of the memory report: `Node 0 DMA free:15904kB min:...`.
struct OomZone {
  std::uint64_t line = 0;
  std::optional<int> node = 0;
  std::string zone;  // empty: the whole node
  std::optional<std::int64_t> free_kb;
  std::optional<std::int64_t> min_kb;
  std::optional<std::int64_t> low_kb;
  std::optional<std::int64_t> high_kb;
  std::optional<bool> all_unreclaimable;
  // The following ones are not in hangar.log/1.
  OomZoneUse use;
  std::vector<std::int64_t> lowmem_reserve;  // pages, one for each zone of the node
  std::vector<OomBlocks> blocks;             // by order
};

struct OomEpisode {
  std::uint64_t line = 0;
  Seconds time_s;
  std::optional<TaskId> invoker;
  std::optional<std::string> gfp_mask;  // "0x24000c0", as printed
  std::vector<std::string> gfp_flags;
  std::optional<int> order;
  std::optional<std::int64_t> oom_score_adj;
  std::optional<std::string> constraint;  // CONSTRAINT_NONE, CONSTRAINT_MEMCG ...
  bool sysrq = false;                     // order=-1: asked for by SysRq-f
  std::optional<std::string> memcg;       // the group whose limit was hit
  std::optional<std::string> task_memcg;
  std::optional<std::int64_t> memcg_usage_kb;  // `memory: usage 4096kB, limit 4096kB`
  std::optional<std::int64_t> memcg_limit_kb;
  std::optional<TaskId> chosen;   // the victim that the kernel chose: `oom-kill:...,task=,pid=`, since 5.0
  std::uint64_t chosen_line = 0;  // 0: no such line
  std::optional<bool> kill_line_known;  // false: a victim was chosen and no known kill line follows
  bool no_killable = false;             // "Out of memory and no killable processes"
  bool panicked = false;                // panic_on_oom
  bool uncertain = false;               // lines are missing in it, or rows that were beyond a cap
  std::vector<OomZone> zones;
  std::vector<OomTask> tasks;
  std::vector<OomKill> kills;
  std::vector<OomReap> reaped;
  std::vector<MmPin> pins;
  std::vector<TaskId> sharers;  // killed with a victim whose mm they share (before 4.6)
  // The following ones are not in hangar.log/1: explain/ uses them.
  std::uint64_t last_line = 0;
  std::optional<std::string> nodemask;  // "(null)", "0-1"
  std::optional<std::string> cpuset;    // of the invoker
  std::optional<std::string> mems_allowed;
  std::optional<std::string> oom_group;  // the group that memory.oom.group kills as a whole
  bool allocating_task = false;          // oom_kill_allocating_task
  bool already_exiting = false;          // nothing was killed: the victim had lost its mm
  OomReport report;
};

// ---- allocator
// -----------------------------------------------------------------------------------------------

struct MemAllocTask {
  std::uint64_t line = 0;
  std::string comm;
  std::int64_t pid = -1;
  std::optional<double> delay_s;
  std::optional<std::int64_t> seq;
  std::optional<int> order;
  std::optional<std::string> gfp_mask;
  std::optional<std::string> flags;
  bool dying = false;
  bool victim = false;
};

struct MemAlloc {
  std::uint64_t line = 0;
  Seconds time_s;
  std::int64_t stalling = 0;
  std::int64_t dying = 0;
  std::int64_t victim = 0;
  std::optional<std::int64_t> exiting;
  std::optional<std::int64_t> oom_count;
  std::vector<MemAllocTask> tasks;
};

// `page allocation failure: order:3`, `page allocation stalls for 10000ms` (4.10 to 4.14) and `page
// allocation stall for 10 secs` (of kernels after 6.12).
struct AllocTrouble {
  std::uint64_t line = 0;
  Seconds time_s;
  std::string comm;
  std::optional<double> stalled_s;  // nullopt: a failure
  std::optional<int> order;
  std::optional<std::string> gfp_mask;
};

// ---- tasks and detectors
// -------------------------------------------------------------------------------------

struct Frame {
  std::string function;
  std::optional<std::uint64_t> offset;  // nullopt for an inlined function of a symbolised log
  std::optional<std::uint64_t> size;
  bool reliable = true;  // false: printed with `?`
  std::string module;    // empty: vmlinux
  std::string source;    // "mm/slab.c:120" if the log or --vmlinux has it
  std::string section;   // "IRQ", "TASK", "NMI" ... as in `<IRQ>`
  bool inlined = false;
};

struct TaskStack {
  std::uint64_t line = 0;
  std::uint64_t last_line = 0;
  Seconds time_s;
  std::string comm;
  std::int64_t pid = -1;
  std::string state;  // "D", "R" ...; empty when the dump names none
  std::optional<std::int64_t> ppid;
  std::optional<std::int64_t> tgid;
  std::optional<std::uint64_t> flags;  // thread_info flags
  std::vector<Frame> frames;
};

struct HeldLocks {
  std::uint64_t line = 0;
  std::string comm;
  std::int64_t pid = -1;
  std::vector<std::string> held;  // "&mm->mmap_lock at do_user_addr_fault"
};

struct SysRq {
  std::uint64_t line = 0;
  Seconds time_s;
  std::string name;
  char key = '\0';  // '\0': not known for this text
  // What it printed, if that is not a separate event: for `m` and `d`.
  std::optional<std::uint64_t> last_line;
  std::vector<OomZone> zones;
  std::vector<HeldLocks> locks;
};

enum class LockType : std::uint8_t { mutex, semaphore, rw_semaphore };

// The lock that a hung task waits for (CONFIG_DETECT_HUNG_TASK_BLOCKER, in kernels after 6.12).
struct Blocker {
  std::uint64_t line = 0;
  LockType lock = LockType::mutex;
  std::string waits_as;         // of an rw-semaphore: "reader", "writer"; else empty
  std::optional<TaskId> owner;  // likely so; nullopt: the kernel found none
  std::string owned_as;         // as waits_as
};

struct HungTask {
  std::uint64_t line = 0;
  Seconds time_s;
  std::string comm;
  std::int64_t pid = -1;
  Seconds blocked_s;               // at least
  std::optional<Blocker> blocker;  // of the facts; the event precedes it
};

// Reports that the kernel counts or announces as left out of its log.
enum class ReportKind : std::uint8_t { hung_task, allocation_failure, oom, bad_page };
struct Suppressed {
  std::uint64_t line = 0;
  Seconds time_s;
  ReportKind reports = ReportKind::hung_task;
  std::optional<std::int64_t> count;  // nullopt: all that would follow
};

enum class LockupKind : std::uint8_t { soft, hard, rcu, workqueue };

// The lines below the first one of an RCU stall. Their unit is the guest's jiffy, whose length no line has.
struct RcuStall {
  std::optional<std::int64_t> jiffies;          // since the grace period began
  std::vector<int> cpus;                        // without a quiescent state
  std::vector<std::int64_t> pids;               // preempted in a read-side critical section
  std::optional<std::int64_t> starved_jiffies;  // since the grace-period kthread ran
  std::optional<std::int64_t> timer_jiffies;    // since the kthread's timer should have woken it
};

// A worker that is busy when a workqueue lockup is reported: `in-flight: 12:do_work for 40s`.
struct BusyWork {
  std::string workqueue;
  std::int64_t pid = -1;  // of the worker
  std::string function;
  std::optional<double> running_s;  // in kernels after 6.12
};

struct Lockup {
  std::uint64_t line = 0;
  Seconds time_s;
  LockupKind kind = LockupKind::soft;
  std::optional<int> cpu;
  std::optional<double> stuck_s;
  std::string comm;
  std::int64_t pid = -1;
  // Of the facts; the events of these lines follow.
  RcuStall rcu;
  std::vector<BusyWork> works;
};

// ---- what is concluded
// ---------------------------------------------------------------------------------------

struct Crash {
  std::string title;
  std::vector<std::string> alternatives;
  std::string type;  // "UNKNOWN" where there is a title but no type known
  bool corrupted = false;
  std::string corrupted_why;
  bool panicked = false;
  std::optional<std::uint64_t> panic_line;  // of the panic that the report ended in
  std::string panic_title;                  // "kernel panic: Fatal exception"; empty: none
  std::uint64_t line = 0;
  std::uint64_t last_line = 0;
  Seconds time_s;
};

struct Hang {
  HangKind kind = HangKind::boot;   // boot, lockup, memory_stall, task, silent
  std::optional<StallCause> cause;  // of a memory_stall
  Seconds start_s;
  Seconds end_s;       // nullopt: censored
  Seconds duration_s;  // a lower bound when censored; nullopt when the log has no times
  bool censored = false;
  std::optional<HangEnd> ended_by;
  bool uncertain = false;  // elided or lost lines fall into it
  std::vector<std::uint64_t> lines;
};

struct Finding {
  std::string id;
  std::string text;
  Certainty certainty = Certainty::certain;
  std::vector<std::uint64_t> lines;
};

// Kernel clock and init, as far as the log shows them.
struct Boot {
  std::uint64_t line = 0;
  std::uint64_t last_line = 0;
  std::optional<std::string> kernel_release;
  std::optional<std::string>
      build_id;  // of the vmlinux, hexadecimal (CONFIG_STACKTRACE_BUILD_ID, since 5.14)
  Seconds first_s;
  Seconds last_s;
  bool wall_clock = false;  // times are a wall clock's: the log carries no printk stamps
  bool from_start = false;  // begins with the kernel's banner
  bool reached_init = false;
  std::optional<std::string> panic;  // text behind "Kernel panic - not syncing: "
  std::vector<Crash> crashes;
  std::vector<OomEpisode> oom;
  std::vector<MemAlloc> memalloc;
  std::vector<AllocTrouble> alloc_troubles;
  std::vector<SysRq> sysrq;
  std::vector<HungTask> hung_tasks;
  std::vector<Lockup> lockups;
  std::vector<Suppressed> suppressed;
  std::vector<TaskStack> tasks;
  std::vector<Hang> hangs;
  std::vector<Finding> findings;
};

// Damage to the log itself. Each counts places, `dropped` counts messages.
struct Integrity {
  std::uint64_t dropped = 0;
  std::uint64_t interleaved = 0;
  std::uint64_t truncated = 0;
  std::uint64_t elided = 0;
  std::uint64_t replayed = 0;
  std::uint64_t wrapped = 0;   // lines that a mailer or a terminal had split
  std::uint64_t repeated = 0;  // lines and reports that the log shows twice
};

struct LogFacts {
  std::vector<Boot> boots;  // at least one
  Integrity integrity;
  PartCounts left_out;  // beyond a cap
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
};

}  // namespace hangar::log

template <>
inline constexpr auto hangar::words_of<hangar::log::LockupKind> =
    std::to_array<std::string_view>({"soft", "hard", "rcu", "workqueue"});

template <>
inline constexpr auto hangar::words_of<hangar::log::LockType> =
    std::to_array<std::string_view>({"mutex", "semaphore", "rw-semaphore"});

template <>
inline constexpr auto hangar::words_of<hangar::log::ReportKind> =
    std::to_array<std::string_view>({"hung-task", "allocation-failure", "oom", "bad-page"});
