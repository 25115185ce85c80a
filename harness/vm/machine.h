// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/sandbox/confinement.h"
#include "harness/vm/machine_spec.h"

// One virtual machine, from its start to its end, as the run engine sees it: three byte streams to poll, keys
// and lines to send, and a few switches. Narrow and virtual, so that watchers are tested with a fake.
// A guest that crashes or hangs is a state, never an Error: an Error means QEMU or libvirt failed. What goes
// through QEMU's monitor (breaks, NMI, samples, dumps) may be called from another thread than the rest, and
// does not return while QEMU does not answer.
namespace hangar::vm {

class Connection;

// Descriptors to poll() and read(), all non-blocking, owned by the machine and -1 before start(). `console`
// and `agent` may be written through send_console() and send_agent() only. End of file means QEMU is gone.
// Keep reading them. QEMU writes single bytes, so the kernel holds only some 280 of the console before the
// guest's UART blocks; of the pulse 1 MiB before QEMU itself does (debugcon writes with QEMU's big lock
// held).
struct Channels {
  int console = -1;
  int agent = -1;
  int pulse = -1;
  int program = -1;  // what the program prints on its own terminal; -1: it has none
  int qemu = -1;     // a pidfd: readable once QEMU is gone; -1 where there is none (a fake, a remote libvirt)
};

enum class Phase {
  none,     // not started, or nothing known
  running,  // vCPUs run
  paused,   // vCPUs stopped; `reason` is why
  crashed,  // the guest reported a panic (pvpanic) or QEMU itself failed
  off,      // QEMU is gone
};

[[nodiscard]] const char* to_string(Phase phase);

struct MachineState {
  Phase phase = Phase::none;
  // libvirt's or QEMU's word: "user", "io-error", "emulation-failure", "guest-shutdown", "guest-reset",
  // "guest-panicked", "destroyed", "failed", "killed", ...
  std::string reason;
};

// Where a vCPU was at one moment.
struct VcpuSample {
  int index = 0;
  std::uint64_t rip = 0;
  bool halted = false;
  bool interrupts_enabled = false;
  bool user_mode = false;
};

// What was really run: goes into the run directory.
struct MachineRecord {
  std::string domain_xml;              // as libvirt completed it
  std::vector<std::string> qemu_argv;  // of the real process, as libvirt made it
  std::string qemu_version;            // "8.2.2"
  std::string uuid;
  std::string host_cpu;  // the model of the other host's CPU; empty: it is this host, or not known
  fs::path qemu_log;     // libvirt's file of QEMU's own stderr, below the connection's root; empty: unknown
  int qemu_pid = 0;      // 0: unknown
  sandbox::Confinement confinement;
};

// Counters of the host on which a guest runs, in nanoseconds of CPU time since some time before the run.
struct HostUse {
  std::uint64_t busy_ns = 0;                    // of all CPUs together
  std::uint64_t own_ns = 0;                     // of it, this guest's QEMU
  std::map<std::string, std::uint64_t> guests;  // of it, each of Hangar's other guests, by name
  std::map<int, std::uint64_t> vcpu_wait_ns;    // by vCPU: how long it waited for a CPU; empty: not known
};

class Machine {
 public:
  virtual ~Machine() = default;

  // Starts QEMU and connects the channels. Paused: vCPUs wait for resume(). When QEMU dies, the Error's
  // detail has its own words. A machine starts (or is restored) once.
  [[nodiscard]] virtual Result<void> start(bool paused = false) = 0;
  // Instead of start(): goes on from a file that save() wrote, with this machine's own channels and disk.
  [[nodiscard]] virtual Result<void> restore(const fs::path& file, bool paused = false) = 0;
  // Writes the guest's memory and devices to `file`; QEMU is gone afterwards (Phase::off, "saved").
  [[nodiscard]] virtual Result<void> save(const fs::path& file) = 0;

  [[nodiscard]] virtual Channels channels() const = 0;
  [[nodiscard]] virtual const MachineRecord& record() const = 0;
  [[nodiscard]] virtual Result<MachineState> state() = 0;
  // Of a guest on another host. None: it is on this one, whose counters are in /proc.
  [[nodiscard]] virtual Result<std::optional<HostUse>> host_use() { return std::optional<HostUse>(); }

  // Keys for ttyS0, a line for the agent port. They wait at most 2 s for a guest that does not read.
  [[nodiscard]] virtual Result<void> send_console(std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<void> send_agent(std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<void> send_break() = 0;
  // A break on ttyS0 and then the key: works without any guest process. A guest that is still printing (the
  // output of the last key, m or t say) misses the break: wait for a quiet console, and ask again when no
  // "sysrq:" line follows.
  [[nodiscard]] Result<void> send_sysrq(char key);
  [[nodiscard]] virtual Result<void> send_nmi() = 0;

  [[nodiscard]] virtual Result<void> pause() = 0;
  [[nodiscard]] virtual Result<void> resume() = 0;
  // Stops the guest for the moment (under TCG a running vCPU's registers are those of its last exit, which
  // may be long ago).
  [[nodiscard]] virtual Result<std::vector<VcpuSample>> sample_vcpus() = 0;
  // Bytes of the guest's physical memory. By physical address, since a CPU in user mode may have page tables
  // without the kernel (page table isolation). The guest goes on.
  [[nodiscard]] virtual Result<std::string> peek(std::uint64_t physical, size_t bytes) = 0;
  // A kdump-compressed core of the guest, the format that crash and drgn read. The guest goes on. Read the
  // channels meanwhile: a guest that waits for its reader cannot be stopped.
  [[nodiscard]] virtual Result<void> dump(const fs::path& file) = 0;
  // Opens a gdb stub and returns its unix socket: `gdb vmlinux -ex "target remote SOCKET"`.
  [[nodiscard]] virtual Result<fs::path> open_gdb_stub() = 0;

  // Ends QEMU at once, whatever the guest does. Does nothing when it is gone already.
  [[nodiscard]] virtual Result<void> destroy() = 0;
};

// The real one. Nothing runs until start(); its destructor ends the guest. The connection must outlive it.
[[nodiscard]] Result<std::unique_ptr<Machine>> define(Connection& connection, MachineSpec spec);

}  // namespace hangar::vm
