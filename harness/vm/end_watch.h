// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/vm/machine.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Learns from libvirt's and QEMU's events how one domain ended. A transient domain is forgotten at its end,
// so asking afterwards is too late.
class EndWatch {
 public:
  // Begins to listen; do it before the domain is created.
  [[nodiscard]] static Result<std::unique_ptr<EndWatch>> begin(virConnect* connection, std::string uuid);
  ~EndWatch();
  EndWatch(const EndWatch&) = delete;
  EndWatch& operator=(const EndWatch&) = delete;

  // How it ended, once libvirt knows; nothing while it lives.
  [[nodiscard]] std::optional<MachineState> ended() const;
  // The same, waiting at most `deadline`.
  [[nodiscard]] std::optional<MachineState> wait(std::chrono::milliseconds deadline) const;
  // QEMU's first word for why it shuts down or resets ("guest-reset"); "" before.
  [[nodiscard]] std::string shutdown_reason() const;

  struct Shared;

 private:
  EndWatch(virConnect* connection, std::shared_ptr<Shared> shared)
      : connection_(connection), shared_(std::move(shared)) {}

  virConnect* connection_;
  std::shared_ptr<Shared> shared_;  // with the callbacks, which may outlive us by a moment
  int lifecycle_ = -1;
  std::vector<int> monitor_;
};

}  // namespace hangar::vm
