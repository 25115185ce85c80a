// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <string_view>

#include "harness/log/crash/place.h"

// Name patterns behind blame.cpp, for what the paths of place.cpp cannot decide: families of functions that
// kernels before 5.10 had, and functions that share a file with others. Names that a compiler varies
// (.isra.0, .cold) are compared without the ending.
namespace hangar::log {

enum class Match { exact, prefix, suffix, part };
struct NamePattern {
  Match how;
  std::string_view text;
};
constexpr NamePattern is(std::string_view text) {
  return {Match::exact, text};
}
constexpr NamePattern pre(std::string_view text) {
  return {Match::prefix, text};
}
constexpr NamePattern suf(std::string_view text) {
  return {Match::suffix, text};
}
constexpr NamePattern has(std::string_view text) {
  return {Match::part, text};
}

// Names that the sources of four releases do not have, with the kind of what they name.
struct NamedFamily {
  NamePattern name;
  unsigned kind;
};
inline constexpr NamedFamily families[] = {
    // ---- what compilers call: a source has them in macros, or not at all
    {pre("__asan_"), skip_always},
    {pre("__msan_"), skip_always},
    {pre("msan_"), skip_always},
    {pre("__tsan_"), skip_always},
    {pre("__ubsan_"), skip_always},
    {pre("__sanitizer_"), skip_always},
    {pre("__x86_indirect_thunk"), skip_always},
    {pre("__x86_return_thunk"), skip_always},
    {pre("srso_"), skip_always},
    {pre("retbleed_"), skip_always},
    {pre("__SCT__"), skip_always},
    {pre("rust_helper_"), skip_always},
    // ---- entries that macros define
    {pre("asm_exc_"), skip_always},
    {pre("asm_sysvec_"), skip_always},
    {pre("asm_common_"), skip_always},
    {pre("asm_call_"), skip_always},
    {pre("exc_"), skip_always},
    {pre("__exc_"), skip_always},
    {pre("sysvec_"), skip_always},
    {pre("__sysvec_"), skip_always},
    {pre("el1_"), skip_always},
    {pre("el1h_"), skip_always},
    {pre("el1t_"), skip_always},
    // ---- traps, sanitizers and reports of older kernels
    {pre("do_invalid_op"), skip_always},
    {is("invalid_op"), skip_always},
    {pre("fixup_bug"), skip_always},
    {pre("do_general_protection"), skip_always},
    {is("general_protection"), skip_always},
    {pre("do_double_fault"), skip_always},
    {is("double_fault"), skip_always},
    {is("page_fault"), skip_always},
    {pre("async_page_fault"), skip_always},
    {pre("do_page_fault"), skip_always},
    {pre("__do_page_fault"), skip_always},
    {pre("df_debug"), skip_always},
    {pre("retint_"), skip_always},
    {pre("restore_regs"), skip_always},
    {pre("error_code"), skip_always},
    {pre("warn_slowpath"), skip_always},
    {is("__panic"), skip_always},
    {pre("panic_saved_regs"), skip_always},
    {pre("print_context_stack"), skip_always},
    {pre("dump_trace"), skip_always},
    {pre("trace_hardirqs_"), skip_always},
    {pre("save_stack"), skip_always},
    {pre("__save_stack"), skip_always},
    {pre("kasan_"), skip_always},
    {pre("kmsan_"), skip_always},
    {pre("kcsan_"), skip_always},
    {pre("__kcsan_"), skip_always},
    {pre("memory_is_"), skip_always},
    {pre("refcount_"), skip_always},
    {pre("should_fail"), skip_always},
    {pre("lockdep_"), skip_always},
    // ---- what a subsystem calls its own means
    {suf("_panic"), skip_always},  // reports that it cannot go on
    {pre("assfail"), skip_always},
    {has("assertfail"), skip_always},
    {has("copy_to_user"), skip_always},  // copies for its caller
    {has("copy_from_user"), skip_always},
    {suf("_read_lock"), skip_locks},
    {suf("_read_unlock"), skip_locks},
    {suf("_write_lock"), skip_locks},
    {suf("_write_unlock"), skip_locks},
    {has("kmalloc"), skip_alloc},
    {has("kzalloc"), skip_alloc},
    {has("kcalloc"), skip_alloc},
    {has("vmalloc"), skip_alloc},
    {pre("kmem_cache_"), skip_alloc},
    // ---- waiting, allocating, registering in older kernels
    {pre("___might_sleep"), skip_locks},
    {pre("___preempt"), skip_locks},
    {pre("call_rwsem"), skip_locks},
    {pre("rwsem_down_"), skip_locks},
    {pre("_raw_"), skip_locks},
    {pre("warn_alloc"), skip_alloc},
    {pre("kzfree"), skip_alloc},
    {is("sget_userns"), skip_alloc},
    {pre("blkcipher_"), skip_crypto},
    {pre("rollback_registered"), skip_devices},
    {pre("ida_"), skip_lists},
    {pre("idr_get_"), skip_lists},
    {has("timer"), skip_timers},
    {pre("call_rcu"), skip_timers},
    // ---- levels that a macro defines
    {pre("_dev_"), skip_printk},
    {is("netdev_emerg"), skip_printk},
    {is("netdev_alert"), skip_printk},
    {is("netdev_crit"), skip_printk},
    {is("netdev_err"), skip_printk},
    {is("netdev_warn"), skip_printk},
    {is("netdev_notice"), skip_printk},
    {is("netdev_info"), skip_printk},
};

// Entry code and generic thread bodies: a trace with only these names no function to blame.
inline constexpr NamePattern entry_functions[] = {
    pre("entry_"),
    pre("do_syscall_"),
    pre("ret_from_fork"),
    pre("ret_fast_syscall"),
    pre("system_call"),
    pre("tracesys"),
    pre("sysenter"),
    pre("do_fast_syscall"),
    pre("__do_fast_syscall"),
    pre("do_SYSENTER"),
    pre("do_int80"),
    pre("el0_"),
    pre("el0t_"),
    pre("do_el0_svc"),
    pre("invoke_syscall"),
    pre("__invoke_syscall"),
    pre("x64_sys_call"),
    pre("ia32_sys_call"),
    is("kthread"),
    is("worker_thread"),
    pre("secondary_startup"),
    pre("syscall_"),
    pre("__syscall_"),
    pre("handle_exception"),
    pre("do_trap_ecall"),
    pre("stub_"),
    is("0x0"),
};

// The detector's own threads, printed beside the stalled one.
inline constexpr NamePattern detector_threads[] = {
    pre("rcu_gp_kthread"),
    is("watchdog"),
};

// What a tick calls to look for hangs.
inline constexpr NamePattern detectors[] = {
    pre("tick_"), pre("update_process_times"), pre("watchdog_"),           has("cpu_stall"),
    pre("nmi_"),  pre("rcu_sched_clock"),      pre("rcu_check_callbacks"),
};

inline constexpr NamePattern tick_entries[] = {
    has("apic_timer_interrupt"),
    pre("smp_trace_apic_timer"),
    pre("__irq_svc"),
    pre("el1_irq"),
    pre("el1h_64_irq"),
    pre("el1_interrupt"),
    pre("__el1_irq"),
    pre("nmi_handle"),
    is("nmi"),
    pre("end_repeat_nmi"),
    pre("handle_riscv_irq"),
    pre("do_irq"),
    pre("reschedule_interrupt"),
    is("do_IRQ"),
    is("decrementer_common"),
    is("timer_interrupt"),
    is("ext_int_handler"),
    is("plat_irq_dispatch"),
    is("handle_vint"),
    pre("asm_sysvec_reschedule"),
    pre("asm_common_interrupt"),
};

// Code that calls through a pointer: what it called is where a subsystem begins.
inline constexpr NamePattern dispatchers[] = {
    pre("do_syscall_"),
    pre("entry_SYSCALL"),
    pre("entry_SYSENTER"),
    pre("entry_INT80"),
    pre("do_fast_syscall"),
    pre("__do_fast_syscall"),
    pre("ret_fast_syscall"),
    pre("system_call"),
    pre("tracesys"),
    pre("sysenter"),
    pre("el0_svc"),
    pre("invoke_syscall"),
    pre("__invoke_syscall"),
    pre("x64_sys_call"),
    pre("syscall_handler"),
    pre("__sys_trace_return"),
    pre("do_int80"),
    is("do_vfs_ioctl"),
    is("vfs_ioctl"),
    is("ksys_ioctl"),
    suf("sys_ioctl"),
    suf("SyS_ioctl"),
    is("compat_blkdev_ioctl"),
    is("blkdev_ioctl"),
    pre("__blkdev_driver"),
    suf("_compat_ioctl"),
    is("vfs_read"),
    is("vfs_write"),
    is("__vfs_read"),
    is("__vfs_write"),
    is("new_sync_read"),
    is("new_sync_write"),
    is("do_iter_read"),
    is("do_iter_write"),
    pre("do_iter_readv"),
    pre("do_loop_readv"),
    is("vfs_iter_read"),
    is("vfs_iter_write"),
    is("vfs_readv"),
    is("vfs_writev"),
    is("__kernel_write"),
    is("__kernel_write_iter"),
    is("vfs_fsync_range"),
    is("vfs_fallocate"),
    is("iterate_dir"),
    is("do_splice_to"),
    is("do_splice_from"),
    is("vfs_splice_read"),
    is("__do_fault"),
    is("mmap_region"),
    is("call_mmap"),
    is("__mmap_region"),
    is("__mmap_new_vma"),
    is("do_dentry_open"),
    is("__fput"),
    is("chrdev_open"),
    pre("sock_sendmsg"),
    pre("__sock_sendmsg"),
    pre("sock_recvmsg"),
    is("sock_write_iter"),
    is("sock_read_iter"),
    is("__sock_release"),
    pre("sock_common_setsockopt"),
    pre("__sys_setsockopt"),
    pre("do_sock_setsockopt"),
    suf("sys_setsockopt"),
    suf("SyS_setsockopt"),
    pre("__sys_getsockopt"),
    pre("do_sock_getsockopt"),
    pre("nf_setsockopt"),
    is("rtnetlink_rcv_msg"),
    is("nfnetlink_rcv_msg"),
    is("genl_rcv_msg"),
    pre("genl_family_rcv_msg"),
    is("netlink_dump"),
    pre("genl_lock_dumpit"),
    pre("genl_dumpit"),
    pre("genl_lock_start"),
    is("rtnl_dump_all"),
    is("rtnl_dumpit"),
    is("xfrm_user_rcv_msg"),
    is("sock_diag_rcv_msg"),
    pre("__netif_receive_skb_core"),
    pre("__netif_receive_skb_one"),
    pre("__netif_receive_skb_list"),
    pre("deliver_skb"),
    is("__napi_poll"),
    is("napi_poll"),
    is("net_rx_action"),
    is("process_one_work"),
    is("process_scheduled_works"),
    is("kthread"),
    is("kthread_worker_fn"),
    is("call_timer_fn"),
    is("expire_timers"),
    pre("__run_timer"),
    is("task_work_run"),
    pre("tasklet_action"),
    is("irq_work_run_list"),
    is("irq_work_single"),
    is("handle_irq_event_percpu"),
    pre("__handle_irq_event"),
    pre("rcu_do_batch"),
    pre("__rcu_process"),
    is("rcu_process_callbacks"),
    is("do_one_initcall"),
    is("smpboot_thread_fn"),
    is("cpu_startup_entry"),  // the idle loop
    pre("usb_probe_interface"),
    pre("usb_unbind_interface"),
    pre("__usb_hcd_giveback"),
    is("io_wq_submit_work"),
    is("io_issue_sqe"),
    pre("__se_sys_"),
};

struct FunctionGroup {
  std::string_view prefix;
  std::string_view name;
};
// Variants of one function that a kernel's version or configuration chooses between.
inline constexpr FunctionGroup function_groups[] = {
    FunctionGroup{"synchronize_rcu_", "synchronize_rcu"},
    FunctionGroup{"__synchronize_srcu", "synchronize_rcu"},
    FunctionGroup{"synchronize_srcu", "synchronize_rcu"},
    FunctionGroup{"synchronize_sched", "synchronize_rcu"},
    FunctionGroup{"__synchronize_rcu", "synchronize_rcu"},
    FunctionGroup{"smp_call_function_", "smp_call_function"},
    FunctionGroup{"__wait_rcu_gp", "synchronize_rcu"},
};

}  // namespace hangar::log
