// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "harness/log/event.h"

// Collects events into LogFacts, boot by boot. A live run may keep one and look at facts() while the guest
// runs; what is still open in the engine is not in it yet.
namespace hangar::log {

class FactsBuilder {
 public:
  FactsBuilder() { facts_.boots.reserve(1); }
  void on(Event&& event);
  [[nodiscard]] const LogFacts& facts() const { return facts_; }
  // Done: at least one boot, in order.
  [[nodiscard]] LogFacts take();

 private:
  void boot_started(const Event& event, BootStarted&& started);
  void damage(const Damage& damage);
  void episode(OomEpisode&& episode);
  void memalloc(MemAlloc&& report);
  void output(SysRq&& action);
  [[nodiscard]] Boot& boot();

  LogFacts facts_;
  std::uint64_t no_victim_line_ = 0;  // of the last report that counted none
};

}  // namespace hangar::log
