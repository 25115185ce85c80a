// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/sandbox/guard.h"
#include "harness/vm/connection.h"
#include "harness/vm/machine.h"

// What the guest tests of harness/vm share: a kernel, an initramfs with vm_init, a connection, and a guest
// whose three channels are read.
namespace hangar::vm {

// HANGAR_TEST_KERNEL (a bzImage or vmlinux with the base configuration), else the v6.1 in the cache.
[[nodiscard]] std::optional<std::string> test_kernel();

// The folders and the connection of one test process.
struct Bench {
  // Below `parent`; empty: a folder in /tmp.
  [[nodiscard]] static Result<std::unique_ptr<Bench>> make(const std::string& parent = {});
  // A machine of the usual kind with its own run folder.
  [[nodiscard]] MachineSpec spec(const std::string& name) const;

  sandbox::OwnedFolder folder;
  std::string initrd;
  std::unique_ptr<Connection> connection;
};

// Reads what the guest says until a condition holds.
class Guest {
 public:
  explicit Guest(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}

  Machine* operator->() { return machine_.get(); }
  // True once `text` is on the console (agent, pulse); false at the deadline or the guest's end.
  bool console_has(std::string_view text, std::chrono::seconds deadline = std::chrono::seconds(60));
  bool agent_has(std::string_view text, std::chrono::seconds deadline = std::chrono::seconds(20));
  bool pulse_has(std::string_view text, std::chrono::seconds deadline = std::chrono::seconds(20));
  // Reads until the console has said nothing for a second.
  void wait_for_quiet();
  // True once QEMU is gone.
  bool ends(std::chrono::seconds deadline = std::chrono::seconds(20));

  std::string console;
  std::string agent;
  std::string pulse;

 private:
  bool read_until(const std::function<bool()>& done, std::chrono::seconds deadline);
  std::unique_ptr<Machine> machine_;
};

}  // namespace hangar::vm
