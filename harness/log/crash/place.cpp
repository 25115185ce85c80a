// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/place.h"

#include <algorithm>
#include <array>

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
    {"include/linux/timer.h", skip_timers},
    {"include/linux/hrtimer", skip_timers},
    {"include/linux/rcupdate", skip_locks},
    {"include/linux/srcu", skip_locks},
    {"include/linux/completion.h", skip_locks},
    {"include/linux/local_lock", skip_locks},
    // ---- others
    {"fs/proc/generic.c", skip_proc},
    {"fs/sysfs/", skip_devices},
    {"drivers/base/bus.c", skip_devices},
    {"drivers/base/class.c", skip_devices},
    {"drivers/base/core.c", skip_devices},
    {"drivers/base/dd.c", skip_devices},
    {"drivers/base/devres.c", skip_devices},
    {"drivers/base/driver.c", skip_devices},
    {"drivers/base/power/main.c", skip_devices},
    {"crypto/af_alg.c", skip_none},  // these serve a socket
    {"crypto/algif_", skip_none},
    {"crypto/", skip_crypto},
};

// Functions with a purpose that differs from their file's.
struct Exception {
  std::string_view path;
  std::string_view words;  // part of the name
};
constexpr Exception exceptions[] = {
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
    {"kernel/rcu/", "synchronize_"},  // a task that hangs in these waits for a grace period
    {"kernel/rcu/", "wait_rcu_gp"},
    {"kernel/rcu/", "rcu_barrier"},
    {"kernel/rcu/", "cond_sync"},
    {"arch/", "rewind_stack"},  // all that is left of a task that an oops ended
    {"arch/", "clear_page"},    // the allocator gave it the page: no caller has a part in a fault
    {"arch/", "bad_mode"},      // an exception that must not happen is the architecture's fault
};

bool matches(std::string_view path, std::string_view pattern) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return path.starts_with(pattern);
  if (!path.starts_with(pattern.substr(0, star))) return false;
  const auto slash = path.find('/', star);
  return slash != std::string_view::npos && path.substr(slash).starts_with(pattern.substr(star + 1));
}

}  // namespace

unsigned kind_of_file(std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  const auto row = std::find_if(std::begin(places), std::end(places),
                                [&](const Place& place) { return matches(path, place.path); });
  return row == std::end(places) ? skip_none : row->kind;
}

unsigned kind_of_function(std::string_view function, std::string_view path) {
  const auto kind = kind_of_file(path);
  if (kind == skip_none) return kind;
  const bool excepted = std::any_of(std::begin(exceptions), std::end(exceptions), [&](const Exception& one) {
    return path.starts_with(one.path) && function.find(one.words) != std::string_view::npos;
  });
  return excepted ? skip_none : kind;
}

}  // namespace hangar::log
