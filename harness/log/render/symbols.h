// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/log/infer/facts.h"

// file:line and inlined functions for the frames of a log, out of the vmlinux that printed it (elfutils'
// libdw, in this process). A frame is found by symbol, size and offset, so KASLR does not matter.
namespace hangar::log {

class Symbols {
 public:
  [[nodiscard]] static Result<Symbols> open(const std::string& vmlinux);
  Symbols(Symbols&&) noexcept;
  Symbols& operator=(Symbols&&) noexcept;
  ~Symbols();

  // The release in the vmlinux's banner ("" when it has none) and its build id in hexadecimal.
  [[nodiscard]] const std::string& release() const;
  [[nodiscard]] const std::string& build_id() const;

  // The frame with its source, and in front of it the functions that were inlined there, innermost first. A
  // frame that the vmlinux does not know comes back as it is.
  [[nodiscard]] std::vector<Frame> explain(const Frame& frame);
  // The same for a whole stack.
  void explain(TaskStack& stack);

 private:
  struct State;
  explicit Symbols(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hangar::log
