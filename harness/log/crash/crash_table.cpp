// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/crash_table.h"

#include <algorithm>
#include <bitset>

#include "harness/log/crash/extract.h"
#include "harness/log/crash/rules.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr unsigned memory = skip_printk | skip_locks | skip_alloc | skip_lists | skip_free | skip_devices;
constexpr unsigned lockdep = skip_locks | skip_alloc | skip_free | skip_printk;
constexpr unsigned warn = skip_locks | skip_alloc | skip_lists | skip_devices | skip_free | skip_printk;
constexpr unsigned stuck = skip_locks | skip_alloc | skip_printk | skip_lists;

std::vector<CrashRow> make_rows() {
  const auto S = Place::start;
  const auto A = Place::anywhere;
  return {
      // ---- sanitizers
      {"BUG: KASAN: ", A, "KASAN: {1} in {f}", "KASAN", By::inner, memory, "bad-access in {f}", extract_kasan,
       false},
      {"BUG: KASan: ", A, "KASAN: {1} in {f}", "KASAN", By::inner, memory, "bad-access in {f}", extract_kasan,
       false},
      {"BUG: KMSAN: ", A, "KMSAN: {1} in {f}", "KMSAN", By::inner, memory | skip_crypto, "bad-access in {f}",
       extract_until_in, false},
      {"BUG: KCSAN: assert: ", A, "KCSAN: assert: {1}", "KCSAN-ASSERT", By::nobody, 0, "", extract_race,
       false},
      {"BUG: KCSAN: ", A, "KCSAN: {1}", "KCSAN-DATARACE", By::nobody, 0, "", extract_race, false, false,
       Needs::trace},
      {"BUG: KFENCE: ", A, "KFENCE: {1} in {f}", "KFENCE", By::inner, memory, "", extract_until_in, false},
      {"UBSAN: Undefined behaviour in ", A, "UBSAN: undefined-behaviour in {f}", "UBSAN", By::inner, memory,
       "", nullptr, false},
      {"UBSAN: ", A, "UBSAN: {1} in {f}", "UBSAN", By::inner, memory, "", extract_until_in, false},
      // ---- bad accesses: x86 words them one way, arm another, the title is one
      {"BUG: unable to handle kernel NULL pointer dereference", A,
       "BUG: unable to handle kernel NULL pointer dereference in {f}", "NULL-POINTER-DEREFERENCE", By::inner,
       memory, "bad-access in {f}", nullptr, false},
      {"BUG: kernel NULL pointer dereference", A,
       "BUG: unable to handle kernel NULL pointer dereference in {f}", "NULL-POINTER-DEREFERENCE", By::inner,
       memory, "bad-access in {f}", nullptr, false},
      {"Unable to handle kernel NULL pointer dereference", A,
       "BUG: unable to handle kernel NULL pointer dereference in {f}", "NULL-POINTER-DEREFERENCE", By::inner,
       memory, "bad-access in {f}", nullptr, false},
      {"BUG: Kernel NULL pointer dereference", A,
       "BUG: unable to handle kernel NULL pointer dereference in {f}", "NULL-POINTER-DEREFERENCE", By::inner,
       memory, "bad-access in {f}", nullptr, false},
      {"BUG: unable to handle kernel paging request", A, "BUG: unable to handle kernel paging request in {f}",
       "MEMORY_SAFETY_BUG", By::inner, memory, "bad-access in {f}", nullptr, false},
      {"BUG: unable to handle page fault for address", A,
       "BUG: unable to handle kernel paging request in {f}", "MEMORY_SAFETY_BUG", By::inner, memory,
       "bad-access in {f}", nullptr, false},
      {"Unable to handle kernel paging request", A, "BUG: unable to handle kernel paging request in {f}",
       "MEMORY_SAFETY_BUG", By::inner, memory, "bad-access in {f}", nullptr, false},
      {"Unable to handle kernel access to user memory", A,
       "BUG: unable to handle kernel access to user memory in {f}", "MEMORY_SAFETY_BUG", By::inner, memory,
       "bad-access in {f}", nullptr, false},
      {"BUG: Unable to handle kernel data access", A, "BUG: unable to handle kernel data access in {f}",
       "MEMORY_SAFETY_BUG", By::inner, memory, "bad-access in {f}", nullptr, false},
      {"Unable to handle kernel pointer dereference", A,
       "BUG: unable to handle kernel pointer dereference in {f}", "MEMORY_SAFETY_BUG", By::inner, memory,
       "bad-access in {f}", nullptr, false},
      {"Unable to handle kernel ", A, "BUG: unable to handle kernel {1} in {f}", "MEMORY_SAFETY_BUG",
       By::inner, memory, "bad-access in {f}", extract_until_at, false},
      {"BUG: unable to handle kernel", A, "BUG: unable to handle kernel", "UNKNOWN", By::nobody, 0, "",
       nullptr, false, false, Needs::broken},
      {"stack guard page was hit", A, "BUG: stack guard page was hit in {f}", "UNKNOWN", By::outer, stuck,
       "stack-overflow in {f}", nullptr, false},
      {"Unhandled fault", A, "Unhandled fault in {f}", "DoS", By::inner, skip_lists, "bad-access in {f}",
       nullptr, false},
      {"Insufficient stack space to handle exception", A, "kernel stack overflow in {f}", "DoS", By::outer,
       stuck, "stack-overflow in {f}", nullptr, false},
      {"PANIC: double fault", A, "PANIC: double fault in {f}", "DoS", By::inner, memory, "", nullptr, false},
      // ---- BUG() and the checks behind it
      {"rust_kernel: panicked at ", A, "{1} in {f}", "UNKNOWN", By::inner, memory, "", extract_next_line,
       false},
      {"kernel BUG at lib/list_debug.c", A, "BUG: corrupted list in {f}", "MEMORY_SAFETY_BUG", By::inner,
       memory, "bad-access in {f}", nullptr, true},
      {"kernel BUG at mm/usercopy.c", A, "BUG: bad usercopy in {f}", "MEMORY_SAFETY_BUG", By::inner, memory,
       "", nullptr, true},
      {"kernel BUG at ", A, "kernel BUG in {f}", "BUG", By::inner, memory, "", nullptr, true},
      {"Kernel BUG at ", A, "kernel BUG in {f}", "BUG", By::inner, memory, "", nullptr, true},
      // ---- hangs
      {"INFO: rcu", A, "INFO: rcu detected stall in {f}", "HANG", By::outer, stuck, "stall in {f}", nullptr,
       false},
      {"INFO: RCU", A, "INFO: rcu detected stall in {f}", "HANG", By::outer, stuck, "stall in {f}", nullptr,
       false},
      {"BUG: soft lockup", A, "BUG: soft lockup in {f}", "HANG", By::outer, stuck, "stall in {f}", nullptr,
       false},
      {"BUG: workqueue lockup", A, "BUG: workqueue lockup", "HANG", By::nobody, 0, "", nullptr, false},
      {"atchdog detected hard LOCKUP", A, "BUG: hard lockup in {f}", "HANG", By::outer, stuck, "stall in {f}",
       nullptr, false},
      {"INFO: task ", A, "INFO: task hung in {f}", "HANG", By::inner, skip_locks, "hang in {f}", nullptr,
       false},
      {"can't die for more than ", A, "INFO: task can't die in {f}", "HANG", By::inner, skip_locks,
       "hang in {f}", nullptr, false},
      // ---- lockdep and locks
      {"possible circular locking dependency detected", A, "possible deadlock in {f}", "LOCKDEP",
       By::deadlock, lockdep, "", nullptr, false},
      {"possible recursive locking detected", A, "possible deadlock in {f}", "LOCKDEP", By::deadlock, lockdep,
       "", nullptr, false},
      {"possible irq lock inversion dependency detected", A, "possible deadlock in {f}", "LOCKDEP",
       By::deadlock, lockdep, "", nullptr, false},
      {"unsafe lock order detected", A, "possible deadlock in {f}", "LOCKDEP", By::deadlock, lockdep, "",
       nullptr, false},
      {"inconsistent lock state", A, "inconsistent lock state in {f}", "LOCKDEP", By::lock_at, lockdep, "",
       nullptr, false},
      {"WARNING: bad unlock balance detected", A, "WARNING: bad unlock balance in {f}", "LOCKDEP",
       By::lock_at, lockdep, "", nullptr, false},
      {"BUG: bad unlock balance detected", A, "BUG: bad unlock balance in {f}", "LOCKDEP", By::lock_at,
       lockdep, "", nullptr, false},
      {"WARNING: held lock freed", A, "WARNING: held lock freed in {f}", "LOCKDEP", By::lock_at, lockdep, "",
       nullptr, false},
      {"BUG: held lock freed", A, "BUG: held lock freed in {f}", "LOCKDEP", By::lock_at, lockdep, "", nullptr,
       false},
      {"WARNING: bad contention detected", A, "WARNING: bad contention in {f}", "LOCKDEP", By::lock_at,
       lockdep, "", nullptr, false},
      {"BUG: bad contention detected", A, "BUG: bad contention in {f}", "LOCKDEP", By::lock_at, lockdep, "",
       nullptr, false},
      {"still has locks held!", A, "{1}: still has locks held in {f}", "LOCKDEP", By::lock_at, lockdep, "",
       extract_severity, false},
      {"WARNING: lock held when returning to user space", A,
       "WARNING: lock held when returning to user space in {f}", "LOCKDEP", By::lock_at, lockdep, "", nullptr,
       false, false, Needs::nothing},
      {"BUG: lock held when returning to user space", A, "BUG: lock held when returning to user space in {f}",
       "UNKNOWN", By::lock_at, lockdep, "", nullptr, false, false, Needs::nothing},
      {"WARNING: Nested lock was not taken", A, "WARNING: nested lock was not taken in {f}", "LOCKDEP",
       By::lock_at, lockdep, "", nullptr, false},
      {"BUG: Invalid wait context", A, "WARNING: locking bug in {f}", "LOCKDEP", By::lock_at, lockdep, "",
       nullptr, false},
      {"[ INFO: suspicious RCU usage", A, "INFO: suspicious RCU usage in {f}", "UNKNOWN", By::inner, lockdep,
       "", nullptr, false},
      {"suspicious RCU usage", A, "WARNING: suspicious RCU usage in {f}", "LOCKDEP", By::inner, lockdep, "",
       nullptr, false},
      {"suspicious rcu_dereference_check() usage", A, "INFO: suspicious rcu_dereference_check() usage in {f}",
       "LOCKDEP", By::inner, lockdep, "", nullptr, false},
      {"INFO: trying to register non-static key", A, "INFO: trying to register non-static key in {f}",
       "UNKNOWN", By::inner, lockdep, "", nullptr, false},
      {"BUG: spinlock ", A, "BUG: spinlock {1} in {f}", "LOCKDEP", By::inner, lockdep, "", extract_until_on,
       false},
      {"BUG: rwlock ", A, "BUG: rwlock {1} in {f}", "LOCKDEP", By::inner, lockdep, "", extract_until_on,
       false},
      {"BUG: using ", A, "BUG: using {1} in preemptible code in {f}", "LOCKDEP", By::inner, lockdep, "",
       extract_word, false},
      {"BUG: scheduling while atomic", A, "BUG: scheduling while atomic in {f}", "ATOMIC_SLEEP", By::inner,
       lockdep, "", nullptr, false},
      {"BUG: scheduling in a non-blocking section", A, "BUG: scheduling in a non-blocking section in {f}",
       "ATOMIC_SLEEP", By::inner, lockdep, "", nullptr, false},
      {"BUG: assuming atomic context", A, "BUG: assuming atomic context in {f}", "ATOMIC_SLEEP", By::inner,
       lockdep, "", nullptr, false},
      {"BUG: assuming non migratable context", A, "BUG: assuming non migratable context in {f}",
       "ATOMIC_SLEEP", By::inner, lockdep, "", nullptr, false},
      {"BUG: sleeping function called from invalid context", A,
       "BUG: sleeping function called from invalid context in {f}", "ATOMIC_SLEEP", By::inner, lockdep, "",
       nullptr, false},
      {"BUG: MAX_LOCKDEP_", A, "BUG: MAX_LOCKDEP_{1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false},
      {"BUG: MAX_LOCK_", A, "BUG: MAX_LOCK_{1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false},
      {"BUG: workqueue leaked ", A, "BUG: workqueue leaked {1}", "UNKNOWN", By::nobody, 0, "", extract_leaked,
       false},
      // ---- leaks and bookkeeping
      {"BUG: memory leak", A, "memory leak in {f}", "LEAK", By::backtrace,
       skip_alloc | skip_any_alloc | skip_lists, "", nullptr, false},
      {"BUG: Bad rss-counter state", A, "BUG: Bad rss-counter state", "UNKNOWN", By::nobody, 0, "", nullptr,
       false},
      {"BUG: non-zero pgtables_bytes on freeing mm", A, "BUG: non-zero pgtables_bytes on freeing mm: NUM",
       "UNKNOWN", By::nobody, 0, "", nullptr, false},
      {"BUG: non-zero nr_", A, "BUG: non-zero nr_{1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false},
      {"BUG: Bad page state", A, "BUG: Bad page state in {f}", "UNKNOWN", By::page_owner, memory, "", nullptr,
       false},
      {"BUG: Bad page map", A, "BUG: Bad page map", "UNKNOWN", By::nobody, 0, "", nullptr, false, false,
       Needs::trace},
      {"BUG: Bad page cache", A, "BUG: Bad page cache in {f}", "UNKNOWN", By::inner, memory, "", nullptr,
       false},
      {"BUG: Dentry ", A, "BUG: Dentry still in use in unmount", "UNKNOWN", By::nobody, 0,
       "BUG: Dentry still in use {1}", extract_bracket, false, false, Needs::trace},
      {"VFS: Busy inodes after unmount", A, "VFS: Busy inodes after unmount (use-after-free)", "DoS",
       By::nobody, 0, "", nullptr, false},
      {"VFS: Close: file count is 0", A, "VFS: Close: file count is zero (use-after-free)", "DoS", By::nobody,
       0, "", nullptr, false},
      {"unregister_netdevice: waiting for ", A, "unregister_netdevice: waiting for DEV to become free",
       "UNKNOWN", By::nobody, 0, "", nullptr, false},
      {"BUG ", S, "BUG: {1}", "DoS", By::nobody, 0, "", extract_behind_taint, false, false, Needs::broken},
      {"INFO: Freed in ", A, "INFO: Freed in {1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false},
      {"INFO: Allocated in ", A, "INFO: Allocated in {1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false},
      // ---- faults
      {"general protection fault", A, "general protection fault in {f}", "DoS", By::inner, memory,
       "bad-access in {f}", nullptr, true},
      {"divide error: ", A, "divide error in {f}", "DoS", By::inner, skip_lists, "", nullptr, true},
      {"divide_error: ", A, "divide error in {f}", "DoS", By::inner, skip_lists, "", nullptr, true},
      {"int3: 0000", A, "int3 in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"invalid opcode: ", A, "invalid opcode in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"stack segment: ", A, "stack segment fault in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"double fault: ", A, "double fault in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"alignment check: ", A, "alignment fault in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"kernel stack overflow (", A, "kernel stack overflow in {f}", "DoS", By::outer, stuck,
       "stack-overflow in {f}", nullptr, true},
      {"Internal error: Oops", A, "kernel oops in {f}", "DoS", By::inner, memory, "bad-access in {f}",
       nullptr, true},
      {"Internal error: ", A, "Internal error in {f}", "DoS", By::inner, memory, "", nullptr, true},
      {"Oops: ", S, "kernel oops in {f}", "DoS", By::inner, memory, "bad-access in {f}", nullptr, true},
      {"Oops - ", S, "kernel oops in {f}", "DoS", By::inner, memory, "", nullptr, true},             // riscv
      {"Kernel bug detected", S, "kernel BUG in {f}", "BUG", By::inner, memory, "", nullptr, true},  // mips
      // ---- warnings
      {"ODEBUG: ", S, "WARNING: ODEBUG bug in {f}", "WARNING", By::inner, warn | skip_timers, "", nullptr,
       false},
      {"WARNING: CPU: ", A, "WARNING in {f}", "WARNING", By::inner, warn, "", nullptr, false},
      // Up to 3.11: `WARNING: at mm/x.c:12 function+0x1/0x2()`.
      {"WARNING: at ", A, "WARNING in {1}", "WARNING", By::nobody, 0, "", extract_symbol, false},
      {"WARNING: ", A, "WARNING in {f}", "WARNING", By::inner, warn, "", nullptr, false},
      {"WARNING: kernel stack regs ", A, "WARNING: kernel stack regs has bad value", "UNKNOWN", By::nobody, 0,
       "", nullptr, false},
      // ---- panics
      {"Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in", A,
       "kernel panic: stack is corrupted in {1}", "DoS", By::nobody, 0, "", extract_symbol, true},
      {"Kernel panic - not syncing: corrupted stack end", A, "kernel panic: corrupted stack end in {f}",
       "DoS", By::outer, stuck, "stack-overflow in {f}", nullptr, true},
      {"Kernel panic - not syncing", A, "kernel panic: {1}", "DoS", By::nobody, 0, "", extract_panic, true,
       false, Needs::trace},
      {"trusty: panic", A, "trusty: {1}", "DoS", By::nobody, 0, "", extract_trusty, false},
      // ---- fuzzers' own words
      {"SYZFATAL: ", A, "SYZFATAL: {1}", "SYZ_FAILURE", By::nobody, 0, "SYZFATAL", extract_rest, false},
      {"SYZFAIL: ", A, "SYZFAIL: {1}", "SYZ_FAILURE", By::nobody, 0, "", extract_rest, false},
      {"fatal error: ", S, "go runtime error", "DoS", By::nobody, 0, "", nullptr, false},
      // ---- anything else that calls itself so
      {"INFO:", S, "INFO: corrupted", "UNKNOWN", By::nobody, 0, "", nullptr, false, false, Needs::broken},
      {"INFO: ", S, "INFO: {1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false, true},
      {"WARNING: ", A, "WARNING: {1}", "WARNING", By::nobody, 0, "", extract_rest, false, true},
      {"BUG: ", S, "BUG: {1}", "UNKNOWN", By::nobody, 0, "", extract_rest, false, true},
  };
}

// Lines that hold a row's words and mean no harm: most are a boot's remarks on its hardware and command line.
constexpr std::string_view harmless[] = {"INFO: NMI handler",
                                         "INFO: Stall ended ",
                                         "INFO: Expedited stall ended ",
                                         "INFO: lockdep is turned off",
                                         "INFO: recovery required",
                                         "INFO: Object 0x",
                                         "INFO: Slab 0x",
                                         "ODEBUG: Out of memory",
                                         "ODEBUG: selftest",
                                         "ODEBUG: No",
                                         "WARNING: the mand mount option",
                                         "WARNING: workqueue cpumask",
                                         "WARNING: fbcon",
                                         "(INFO|",
                                         "WARNING: Unprivileged",
                                         "WARNING: Spectre",
                                         "ODEBUG: 0 of",
                                         "WARNING: cannot ",
                                         "WARNING: can't",
                                         "WARNING: Support for this device",
                                         "WARNING: You are running",
                                         "WARNING: unable to",
                                         "WARNING: apic",
                                         "WARNING: bad mac",
                                         "INFO: task_",
                                         "WARNING: kernel stack frame pointer",
                                         "WARNING: polling idle and HT",
                                         "BUG: Bad page state: ",
                                         "WARNING: BIOS bug",
                                         "WARNING: Ancient bootloader",
                                         "WARNING: Forcing PAE",
                                         "WARNING: PAE disabled",
                                         "WARNING: SMP operation may",
                                         "WARNING: This combination of AMD",
                                         "WARNING: 'bootconfig'",
                                         "WARNING: Your 'console",
                                         "WARNING: The mand mount",
                                         "WARNING: the dlm ",
                                         "WARNING: the lkb ",
                                         "WARNING: CPU does not support",
                                         "WARNING: kernel not compiled with",
                                         "WARNING: timekeeping:",
                                         "INFO: timekeeping:",
                                         "WARNING: Overflow in clocksource",
                                         "WARNING: Underflow in clocksource",
                                         " mitigation depends on ",
                                         " mitigation is not ",
                                         " mitigation selected on ",
                                         " mitigation leaves CPU "};

bool is_harmless(std::string_view text) {
  for (const auto& words : harmless) {
    if (!left_out(&words) && contains(text, words)) return true;
  }
  return false;
}

// `WARNING: foo`, at the start of a message or behind a device's name; other places are running text.
bool plain_warning(std::string_view text, std::string_view rest) {
  if (rest.starts_with("`") || rest.starts_with("/") || rest.empty()) return false;  // "/": a program's file
  return text.starts_with("WARNING: ") || text.starts_with("usb ");
}

// A line that was cut, or whose task has a line break in its name.
bool begins_a_row(std::string_view text) {
  if (text.starts_with("INFO: task ")) return true;
  return std::any_of(crash_rows().begin(), crash_rows().end(), [&](const CrashRow& row) {
    return row.literal.size() > text.size() && row.literal.starts_with(text);
  });
}

// The errors of Go's runtime (runtime.throw).
bool is_go_error(std::string_view reason) {
  constexpr std::string_view reasons[] = {"out of memory",  "runtime",        "all goroutines are asleep",
                                          "concurrent map", "stack overflow", "unexpected signal"};
  return std::any_of(std::begin(reasons), std::end(reasons),
                     [&](std::string_view one) { return contains(reason, one); });
}

// `INFO: task a:1 blocked for more than`: the row's literal alone would take other tasks' INFO lines too.
bool row_applies(const CrashRow& row, std::string_view text, std::string_view rest) {
  if (row.literal == "INFO: task ")
    return contains(rest, " blocked for more than ") || contains(rest, " blocked in I/O wait for ");
  if (row.literal == "INFO: " && begins_a_row(text)) return false;
  if (row.literal == "INFO: rcu" || row.literal == "INFO: RCU") return contains(rest, "stall");
  if (row.literal == "BUG: Dentry ") return contains(rest, "still in use");
  if (row.literal == "BUG: using ") return contains(rest, "in preemptible");
  if (row.literal == "ODEBUG: ") return contains(rest, "object type") || contains(rest, "object:");
  if (row.literal == "fatal error: ") return is_go_error(rest);
  if (row.literal == "UBSAN: ") return contains(rest, " in ");
  if (row.literal == "general protection fault") {
    return !contains(text, "could be caused") &&
           (rest.starts_with(":") || rest.starts_with(",") || rest.starts_with(" for "));
  }
  if (row.literal == "unregister_netdevice: waiting for ") return contains(rest, "to become free");
  if (row.literal == "inconsistent lock state") return !text.starts_with("inconsistent {");
  if (row.literal == "INFO:") return rest.empty();
  if (row.literal == "WARNING: at ") return contains(rest, "+0x") && !contains(rest, ", CPU#");
  if (row.literal == "WARNING: ") {
    return row.by == By::inner ? contains(rest, ", CPU#") && contains(text, " at ")
                               : plain_warning(text, rest);
  }
  // `BUG kmalloc-8 (Not tainted): Object already free`: slab_bug() names the cache.
  if (row.literal == "BUG ")
    return contains(rest, "ainted") && contains(rest, "): ") && !contains(rest, "kasan:");
  if (row.literal == "Unhandled fault") return contains(text, "at 0x") || contains(text, ") at ");
  return true;
}

}  // namespace

const std::vector<CrashRow>& crash_rows() {
  static const std::vector<CrashRow> rows = make_rows();
  return rows;
}

std::vector<Rule> class_rules() {
  std::vector<Rule> rules;
  for (const auto& row : crash_rows()) rules.push_back({&row, "classes " + std::string(row.literal)});
  for (const auto& words : harmless) rules.push_back({&words, "harmless " + std::string(words)});
  return rules;
}

namespace {

// Which pairs of bytes a text has, by a hash: most rows are refused without searching the text.
class BytePairs {
 public:
  explicit BytePairs(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) bits_.set(index(text, i));
  }
  [[nodiscard]] bool may_have(std::string_view literal) const {
    return literal.size() < 2 ||
           (bits_.test(index(literal, 0)) && bits_.test(index(literal, literal.size() - 2)));
  }

 private:
  static constexpr std::size_t size = 2048;
  static std::size_t index(std::string_view text, std::size_t at) {
    return (static_cast<unsigned char>(text[at]) * std::size_t{31} +
            static_cast<unsigned char>(text[at + 1])) %
           size;
  }
  std::bitset<size> bits_;
};

}  // namespace

const CrashRow* find_crash_row(std::string_view text, std::string_view& rest) {
  if (text.size() < 5 || is_harmless(text)) return nullptr;
  const BytePairs pairs(text);
  for (const auto& row : crash_rows()) {
    if (!pairs.may_have(row.literal) || left_out(&row)) continue;
    const auto at = row.place == Place::start ? (text.starts_with(row.literal) ? 0 : std::string_view::npos)
                                              : text.find(row.literal);
    if (at == std::string_view::npos) continue;
    rest = text.substr(at + row.literal.size());
    if (row_applies(row, text, rest)) return &row;
  }
  return nullptr;
}

std::vector<std::string_view> crash_literals() {
  std::vector<std::string_view> out;
  for (const auto& row : crash_rows()) out.push_back(row.literal);
  return out;
}

}  // namespace hangar::log
