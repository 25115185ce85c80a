// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/place.h"

#include <algorithm>
#include <array>

#include "harness/log/crash/rules.h"

namespace hangar::log {
namespace {

struct Place {
  std::string_view path;  // a file, a folder with its slash, or the beginning of names; `*` is one component
  unsigned kind;
};

// The first row that matches decides, so that exceptions precede what they are excepted from.
constexpr Place places[] = {
    // ---- exceptions in lib/
    {"lib/nlattr.c", skip_none},        // parses what a program sent
    {"lib/asn1_decoder.c", skip_none},  // decoders read foreign bytes: a bad access there is their fault
    {"lib/decompress", skip_none},
    {"lib/lz4/", skip_none},
    {"lib/lzo/", skip_none},
    {"lib/xz/", skip_none},
    {"lib/zlib_", skip_none},
    {"lib/zstd/", skip_none},
    {"lib/842/", skip_none},
    {"lib/mpi/", skip_none},
    {"lib/objagg.c", skip_none},  // has one user
    {"lib/parman.c", skip_none},
    {"lib/test", skip_none},  // a test is what is tested
    {"lib/kunit/", skip_none},
    {"lib/locking-selftest", skip_none},
    {"lib/iomap", skip_none},
    {"lib/timerqueue.c", skip_timers},
    {"lib/group_cpus.c", skip_none},
    {"lib/dynamic_debug.c", skip_none},
    {"lib/raid6/", skip_none},
    {"lib/pldmfw/", skip_none},
    {"lib/fonts/", skip_none},
    {"lib/vdso/", skip_none},
    {"lib/stmp_device.c", skip_none},
    {"lib/fw_table.c", skip_none},
    {"lib/cpu_rmap.c", skip_none},
    {"lib/dim/", skip_none},
    {"lib/ts_", skip_none},
    {"lib/textsearch.c", skip_none},
    {"lib/oid_registry.c", skip_none},
    // ---- containers
    {"lib/idr.c", skip_lists},
    {"lib/radix-tree.c", skip_lists},
    {"lib/xarray.c", skip_lists},
    {"lib/rbtree", skip_lists},
    {"lib/interval_tree", skip_lists},
    {"lib/llist.c", skip_lists},
    {"lib/plist.c", skip_lists},
    {"lib/list_sort.c", skip_lists},
    {"lib/percpu", skip_lists | skip_locks},
    {"lib/flex_proportions.c", skip_lists},
    {"lib/scatterlist.c", skip_lists},
    {"lib/sg_", skip_lists},
    {"lib/rhashtable.c", skip_lists},
    {"lib/generic-radix-tree.c", skip_lists},
    {"lib/maple_tree.c", skip_lists},
    {"lib/assoc_array.c", skip_lists},
    {"lib/btree.c", skip_lists},
    {"lib/genalloc.c", skip_alloc},
    {"lib/objpool.c", skip_alloc},
    {"lib/kobject", skip_devices},
    {"lib/klist.c", skip_devices},
    {"lib/kref", skip_always},
    {"lib/crypto/", skip_crypto},
    {"lib/sha", skip_crypto},
    {"lib/chacha", skip_crypto},
    {"lib/sbitmap.c", skip_lists},
    {"lib/", skip_always},
    // ---- reports and what makes them
    {"mm/kasan/kasan_test", skip_none},
    {"mm/kmsan/kmsan_test", skip_none},
    {"mm/kfence/kfence_test", skip_none},
    {"kernel/kcsan/kcsan_test", skip_none},
    {"mm/kasan/", skip_always},
    {"mm/kmsan/", skip_always},
    {"mm/kfence/", skip_always},
    {"mm/kmemleak", skip_always},
    {"mm/page_owner.c", skip_always},
    {"mm/page_poison.c", skip_always},
    {"mm/page_ext.c", skip_always},
    {"mm/debug.c", skip_always},
    {"mm/usercopy.c", skip_always},
    {"mm/maccess.c", skip_always},
    {"mm/fail", skip_always},
    {"mm/rodata_test.c", skip_none},
    {"kernel/kcsan/", skip_always},
    {"kernel/kcov.c", skip_always},
    {"kernel/panic.c", skip_always},
    {"kernel/stacktrace.c", skip_always},
    {"kernel/entry/", skip_always},
    {"kernel/locking/irqflag-debug.c", skip_always},
    {"kernel/trace/trace_preemptirq.c", skip_always},
    {"kernel/trace/trace_irqsoff.c", skip_always},
    {"arch/*/kernel/traps", skip_always},
    {"arch/*/kernel/dumpstack", skip_always},
    {"arch/*/kernel/stacktrace", skip_always},
    {"arch/*/kernel/entry", skip_always},
    {"arch/*/kernel/irq", skip_always},
    {"arch/*/kernel/syscall", skip_always},
    {"arch/*/kernel/scall", skip_always},
    {"arch/*/kernel/genex", skip_always},
    {"arch/*/kernel/exceptions", skip_always},
    {"arch/*/kernel/interrupt", skip_always},
    {"arch/*/kernel/pgm_check", skip_always},
    {"arch/*/kernel/debug-monitors.c", skip_always},
    {"arch/*/entry/", skip_always},
    {"arch/*/mm/fault", skip_always},
    {"arch/*/mm/extable", skip_always},
    {"arch/*/mm/copypage", skip_always},
    {"arch/*/lib/", skip_always},
    {"kernel/printk/", skip_printk},
    // ---- locks and waiting
    {"kernel/locking/locktorture.c", skip_none},
    {"kernel/locking/test", skip_none},
    {"kernel/locking/", skip_locks},
    {"kernel/rcu/rcutorture.c", skip_none},
    {"kernel/rcu/rcuscale.c", skip_none},
    {"kernel/sched/completion.c", skip_locks},
    {"kernel/sched/swait.c", skip_locks},
    {"kernel/sched/wait_bit.c", skip_locks},
    {"kernel/sched/wait.c", skip_locks},
    {"kernel/rcu/", skip_locks},
    {"mm/mmap_lock.c", skip_locks},
    {"kernel/workqueue.c", skip_locks | skip_timers},
    // ---- allocators
    {"mm/slab", skip_alloc},
    {"mm/slub.c", skip_alloc},
    {"mm/slob.c", skip_alloc},
    {"mm/vmalloc.c", skip_alloc},
    {"mm/page_alloc.c", skip_alloc},
    {"mm/util.c", skip_alloc},
    {"mm/percpu", skip_alloc},
    {"mm/mempool.c", skip_alloc},
    {"mm/dmapool.c", skip_alloc},
    {"mm/highmem.c", skip_alloc},
    {"net/core/page_pool", skip_alloc},
    {"include/net/page_pool", skip_alloc},
    {"include/linux/highmem", skip_alloc},
    {"include/linux/slab.h", skip_alloc},
    {"include/linux/gfp.h", skip_alloc},
    {"include/linux/vmalloc.h", skip_alloc},
    {"include/linux/mempool.h", skip_alloc},
    // ---- inlines of the above
    {"include/linux/uaccess.h", skip_always},
    {"include/linux/instrumented.h", skip_always},
    {"include/linux/atomic/", skip_always},
    {"include/asm-generic/atomic", skip_always},
    {"include/asm-generic/bitops/", skip_always},
    {"include/linux/bit", skip_always},
    {"include/linux/find.h", skip_always},
    {"include/linux/string", skip_always},
    {"include/linux/fortify-string.h", skip_always},
    {"include/linux/uio.h", skip_always},
    {"include/linux/refcount.h", skip_always},
    {"include/linux/kref.h", skip_always},
    {"include/linux/kasan", skip_always},
    {"include/linux/kmsan", skip_always},
    {"include/linux/kcsan", skip_always},
    {"include/linux/kfence", skip_always},
    {"include/linux/kmemleak.h", skip_always},
    {"include/linux/page_owner.h", skip_always},
    {"include/linux/thread_info.h", skip_always},
    {"include/linux/ucopysize.h", skip_always},
    {"arch/*/include/asm/atomic", skip_always},
    {"arch/*/include/asm/bitops", skip_always},
    {"arch/*/include/asm/cmpxchg", skip_always},
    {"arch/*/include/asm/string", skip_always},
    {"arch/*/include/asm/uaccess", skip_always},
    {"arch/*/include/asm/irqflags", skip_always},
    {"arch/*/include/asm/paravirt", skip_always},
    {"arch/*/include/asm/special_insns", skip_always},
    {"include/linux/jhash.h", skip_always},
    {"include/linux/err.h", skip_always},
    {"include/linux/list", skip_lists},
    {"include/linux/rculist", skip_lists},
    {"include/linux/hashtable.h", skip_lists},
    {"include/linux/rbtree", skip_lists},
    {"include/linux/xarray.h", skip_lists},
    {"include/linux/radix-tree.h", skip_lists},
    {"include/linux/idr.h", skip_lists},
    {"include/linux/rhashtable", skip_lists},
    {"include/linux/llist.h", skip_lists},
    {"include/linux/plist.h", skip_lists},
    {"include/linux/scatterlist.h", skip_lists},
    {"include/linux/percpu-refcount.h", skip_lists | skip_locks},
    {"include/linux/spinlock", skip_locks},
    {"include/linux/rwlock", skip_locks},
    {"include/linux/mutex.h", skip_locks},
    {"include/linux/rwsem.h", skip_locks},
    {"include/linux/percpu-rwsem.h", skip_locks},
    {"include/linux/seqlock", skip_locks},
    {"include/linux/mmap_lock.h", skip_locks},
    {"include/linux/lockdep", skip_locks},
    {"include/linux/timer.h", skip_locks | skip_timers},
    {"include/linux/hrtimer", skip_timers},
    {"include/linux/rcupdate", skip_locks},
    {"include/linux/srcu", skip_locks},
    {"include/linux/completion.h", skip_locks},
    {"include/linux/local_lock", skip_locks},
    // ---- others
    {"fs/proc/generic.c", skip_proc},
    {"fs/proc/proc_net.c", skip_proc},
    {"fs/sysfs/", skip_devices},
    {"drivers/base/bus.c", skip_devices},
    {"drivers/base/class.c", skip_devices},
    {"drivers/base/core.c", skip_devices},
    {"drivers/base/dd.c", skip_devices},
    {"drivers/base/devres.c", skip_devices},
    {"drivers/base/driver.c", skip_devices},
    {"drivers/base/power/main.c", skip_devices},
    {"drivers/base/power/sysfs.c", skip_devices},
    {"drivers/tty/tty_ldsem.c", skip_locks},
    {"drivers/tty/tty_mutex.c", skip_locks},
    {"kernel/time/timer.c", skip_timers},
    {"kernel/time/hrtimer.c", skip_timers},
    {"crypto/af_alg.c", skip_none},  // these serve a socket
    {"crypto/algif_", skip_none},
    {"crypto/", skip_crypto},
    {"arch/*/crypto/", skip_crypto},
    {"mm/list_lru.c", skip_lists},
};

// Functions with a purpose that differs from their file's. The first row that matches decides.
struct Exception {
  std::string_view path;
  std::string_view words;  // part of the name
  unsigned kind = skip_none;
};
constexpr Exception exceptions[] = {
    // ---- to blame, in files of infrastructure
    {"mm/util.c", "vm_"},  // the mapping of memory for mmap() and for loaders
    {"mm/util.c", "locked_vm"},
    {"mm/util.c", "cmdline"},
    {"mm/util.c", "mmap"},
    {"mm/slub.c", "deactivate_slab"},  // takes a CPU's slab away from it: no task asks for memory
    {"mm/page_alloc.c", "isolate"},    // compaction's and hotplug's part of the page allocator
    {"mm/page_alloc.c", "reserve_bootmem"},
    {"mm/page_alloc.c", "init"},
    {"mm/page_alloc.c", "fs_reclaim"},   // lockdep's name for reclaim
    {"kernel/workqueue.c", "process_"},  // runs work, and is to blame for work that is no longer there
    {"kernel/workqueue.c", "_thread"},
    {"kernel/workqueue.c", "pwq"},
    {"kernel/workqueue.c", "worker"},
    {"kernel/sched/wait.c", "_wait_queue"},  // the waiter's list entry is what was freed too early
    {"kernel/sched/wait.c", "prepare_to_wait"},
    {"kernel/sched/wait.c", "finish_wait"},
    {"kernel/rcu/", "synchronize_"},  // a task that hangs in these waits for a grace period
    {"kernel/rcu/", "wait_rcu_gp"},
    {"kernel/rcu/", "rcu_barrier"},
    {"kernel/rcu/", "cond_sync"},
    {"lib/iov_iter.c", "iov_iter_"},  // walks what a caller far above set up; only the copies are a primitive
    {"kernel/entry/", "exit_to_user_mode"},  // finds what the system call, which is over, left behind
    {"arch/", "rewind_stack"},               // all that is left of a task that an oops ended
    {"arch/", "clear_page"},  // the allocator gave it the page: no caller has a part in a fault
    {"arch/", "bad_mode"},    // an exception that must not happen is the architecture's fault
    // ---- infrastructure, in files of code to blame: printing a stack
    {"arch/", "show_stack", skip_always},
    {"arch/", "show_trace", skip_always},
    {"arch/", "dump_backtrace", skip_always},
    {"arch/", "walk_stackframe", skip_always},
    {"arch/", "unwind_backtrace", skip_always},
    {"arch/", "arch_stack_walk", skip_always},
    {"kernel/sched/", "sched_show_task", skip_always},
    {"kernel/sched/", "dump_cpu_task", skip_always},
    // ---- sleeping
    {"arch/", "__switch_to", skip_locks},
    {"kernel/sched/", "schedule", skip_locks},
    {"kernel/sched/", "might_sleep", skip_locks},
    {"kernel/sched/", "might_resched", skip_locks},
    {"kernel/sched/", "cant_sleep", skip_locks},
    {"kernel/sched/", "cant_migrate", skip_locks},
    {"kernel/sched/", "cond_resched", skip_locks},
    {"kernel/sched/", "context_switch", skip_locks},
    {"kernel/sched/", "task_switch", skip_locks},
    {"kernel/sched/", "yield", skip_locks},
    {"kernel/sched/", "task_rq_lock", skip_locks},
    {"kernel/sched/", "raw_spin_rq_", skip_locks},
    {"kernel/time/", "schedule_", skip_locks},
    {"kernel/time/", "msleep", skip_locks},
    {"kernel/time/", "usleep", skip_locks},
    {"kernel/kthread.c", "kthread_stop", skip_locks},  // waits for the thread
    {"kernel/kthread.c", "kthread_flush", skip_locks},
    {"kernel/kthread.c", "kthread_cancel", skip_locks},
    {"kernel/kthread.c", "kthread_park", skip_locks},
    {"kernel/printk/printk.c", "console_lock", skip_locks | skip_printk},
    {"mm/filemap.c", "lock", skip_locks},  // of a page, and its bits that tasks wait for
    {"mm/filemap.c", "_wait", skip_locks},
    {"mm/filemap.c", "wait_on", skip_locks},
    {"mm/filemap.c", "do_read_cache", skip_locks},  // waits for the page
    {"mm/filemap.c", "end_writeback", skip_locks},
    {"mm/filemap.c", "end_page", skip_locks},
    {"mm/filemap.c", "folio_end", skip_locks},
    {"mm/folio-compat.c", "lock_page", skip_locks},
    {"mm/folio-compat.c", "wait_on", skip_locks},
    {"include/linux/pagemap.h", "lock", skip_locks},
    {"fs/buffer.c", "lock_buffer", skip_locks},
    {"fs/buffer.c", "wait_on_buffer", skip_locks},
    {"net/core/sock.c", "lock_sock", skip_locks},
    {"net/core/sock.c", "release_sock", skip_locks},
    {"drivers/tty/tty_ldisc.c", "ldisc_lock", skip_locks},
    {"drivers/usb/core/message.c", "usb_start_wait_urb", skip_locks},  // waits for the device's answer
    {"drivers/usb/core/message.c", "control_msg", skip_locks},
    // ---- timers that their owner arms and stops
    {"kernel/time/timer.c", "del_timer", skip_locks | skip_timers},
    {"kernel/time/timer.c", "timer_delete", skip_locks | skip_timers},
    {"kernel/time/timer.c", "mod_timer", skip_locks | skip_timers},
    {"kernel/time/timer.c", "add_timer", skip_locks | skip_timers},
    {"kernel/time/timer.c", "timer_shutdown", skip_locks | skip_timers},
    {"kernel/rcu/", "call_rcu", skip_locks | skip_timers},
    // ---- allocators
    {"mm/mempolicy.c", "alloc", skip_alloc},
    {"mm/swap.c", "folio_put", skip_alloc},
    {"mm/swap.c", "put_page", skip_alloc},
    {"mm/swap.c", "release_pages", skip_alloc},
    {"mm/memcontrol.c", "charge", skip_alloc},
    {"mm/memcontrol.c", "kmem", skip_alloc},
    {"net/core/skbuff.c", "alloc", skip_alloc},
    {"net/core/skbuff.c", "build_skb", skip_alloc},
    {"net/core/skbuff.c", "kfree_skb_list", skip_alloc},
    {"net/core/sock.c", "alloc", skip_alloc},
    {"net/core/sock.c", "malloc", skip_alloc},
    // ---- a caller's buffer is too short: these check it
    {"net/core/skbuff.c", "skb_panic", skip_always},
    {"net/core/skbuff.c", "skb_over_panic", skip_always},
    {"net/core/skbuff.c", "skb_under_panic", skip_always},
    {"net/core/skbuff.c", "skb_push", skip_always},
    {"net/core/skbuff.c", "skb_put", skip_always},
    {"net/core/skbuff.c", "skb_pull", skip_always},
    {"mm/memory.c", "might_fault", skip_always},
    {"net/core/datagram.c", "copy_to_iter", skip_always},
    // ---- counts that a caller got wrong, and generic destructors
    {"fs/inode.c", "_nlink", skip_always},
    {"fs/inode.c", "iput", skip_free},
    {"fs/dcache.c", "dput", skip_free},
    {"kernel/fork.c", "mmput", skip_free},
    // ---- what takes a device off its bus, for the driver
    {"drivers/base/", "unregister", skip_devices},
    {"drivers/usb/core/urb.c", "usb_kill", skip_devices},
    {"drivers/usb/core/urb.c", "usb_poison", skip_devices},
    {"drivers/usb/core/urb.c", "usb_submit_urb", skip_devices},
    {"drivers/usb/core/urb.c", "anchor", skip_devices},
    {"drivers/i2c/i2c-core-base.c", "unregister", skip_devices},
    {"drivers/i2c/i2c-core-base.c", "i2c_del_", skip_devices},
    {"drivers/i2c/i2c-core-base.c", "process_removed", skip_devices},
    {"drivers/char/hw_random/core.c", "unregister", skip_devices},
    {"net/core/dev.c", "unregister_netdev", skip_devices},
    {"net/core/dev.c", "rollback_registered", skip_devices},
    {"fs/debugfs/inode.c", "debugfs_remove", skip_devices},
    {"fs/kernfs/dir.c", "kernfs_remove_by_name", skip_devices},
    // ---- printing
    {"drivers/tty/serial/", "console", skip_printk},
    {"drivers/tty/serial/8250/", "wait_for_", skip_printk},
    {"drivers/tty/serial/8250/", "serial_in", skip_printk},
    {"drivers/base/core.c", "printk", skip_printk},
    {"drivers/base/core.c", "_dev_", skip_printk},
    {"fs/seq_file.c", "seq_p", skip_lists},
    {"fs/seq_file.c", "seq_v", skip_lists},
    {"fs/seq_file.c", "seq_write", skip_lists},
    {"fs/seq_file.c", "seq_escape", skip_lists},
};

bool matches(std::string_view path, std::string_view pattern) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return path.starts_with(pattern);
  if (!path.starts_with(pattern.substr(0, star))) return false;
  const auto slash = path.find('/', star);
  return slash != std::string_view::npos && path.substr(slash).starts_with(pattern.substr(star + 1));
}

}  // namespace

std::vector<Rule> place_rules() {
  std::vector<Rule> rules;
  for (const auto& one : places) rules.push_back({&one, "places " + std::string(one.path)});
  for (const auto& one : exceptions)
    rules.push_back({&one, "exceptions " + std::string(one.path) + " " + std::string(one.words)});
  return rules;
}

unsigned kind_of_file(std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  const auto row = std::find_if(std::begin(places), std::end(places), [&](const Place& place) {
    return !left_out(&place) && matches(path, place.path);
  });
  return row == std::end(places) ? skip_none : row->kind;
}

unsigned kind_of_function(std::string_view function, std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  const auto row = std::find_if(std::begin(exceptions), std::end(exceptions), [&](const Exception& one) {
    return !left_out(&one) && path.starts_with(one.path) &&
           function.find(one.words) != std::string_view::npos;
  });
  return row == std::end(exceptions) ? kind_of_file(path) : row->kind;
}

}  // namespace hangar::log
