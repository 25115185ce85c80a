// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/renumber.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace hangar::log {
namespace {

class Renumber {
 public:
  explicit Renumber(const std::vector<std::uint64_t>& physical) : physical_(physical) {}

  void operator()(std::uint64_t& line) const {
    if (line >= 1 && line <= physical_.size()) line = physical_[line - 1];
  }
  void operator()(std::optional<std::uint64_t>& line) const {
    if (line) (*this)(*line);
  }
  template <typename T>
  void operator()(std::vector<T>& items) const {
    for (auto& item : items) (*this)(item);
  }
  void operator()(Crash& e) const { all(e.line, e.last_line, e.panic_line); }
  void operator()(OomZone& e) const { (*this)(e.line); }
  void operator()(OomKill& e) const { (*this)(e.line); }
  void operator()(OomReap& e) const { (*this)(e.line); }
  void operator()(MmPin& e) const { (*this)(e.line); }
  void operator()(OomEpisode& e) const {
    all(e.line, e.last_line, e.report.line, e.chosen_line, e.zones, e.kills, e.reaped, e.pins);
  }
  void operator()(OomInvoked& e) const { (*this)(e.head); }
  void operator()(MemAllocTask& e) const { (*this)(e.line); }
  void operator()(MemAlloc& e) const { all(e.line, e.tasks); }
  void operator()(AllocTrouble& e) const { (*this)(e.line); }
  void operator()(HeldLocks& e) const { (*this)(e.line); }
  void operator()(SysRq& e) const { all(e.line, e.last_line, e.zones, e.locks); }
  void operator()(SysRqOutput& e) const { (*this)(e.action); }
  void operator()(HungTask& e) const {
    (*this)(e.line);
    if (e.blocker) (*this)(e.blocker->line);
  }
  void operator()(HungTaskBlocker& e) const { (*this)(e.blocker.line); }
  void operator()(Suppressed& e) const { (*this)(e.line); }
  void operator()(Lockup& e) const { (*this)(e.line); }
  void operator()(TaskStack& e) const { all(e.line, e.last_line); }
  void operator()(Hang& e) const { sorted(e.lines); }
  void operator()(Finding& e) const { sorted(e.lines); }
  void operator()(Boot& e) const {
    all(e.line, e.last_line, e.crashes, e.oom, e.memalloc, e.alloc_troubles, e.sysrq, e.hung_tasks, e.lockups,
        e.suppressed, e.tasks, e.hangs, e.findings);
  }
  void operator()(BootStarted& /*e*/) const {}
  void operator()(InitStarted& /*e*/) const {}
  void operator()(BootEnded& /*e*/) const {}
  void operator()(Panic& /*e*/) const {}
  void operator()(Damage& /*e*/) const {}
  void operator()(LeftOut& /*e*/) const {}
  void operator()(LockupDetail& /*e*/) const {}

 private:
  template <typename... Ts>
  void all(Ts&... parts) const {
    ((*this)(parts), ...);
  }
  void sorted(std::vector<std::uint64_t>& lines) const {
    (*this)(lines);
    std::sort(lines.begin(), lines.end());
  }

  const std::vector<std::uint64_t>& physical_;
};

}  // namespace

void renumber(Event& event, const std::vector<std::uint64_t>& physical) {
  const Renumber renumber(physical);
  renumber(event.line);
  std::visit(renumber, event.body);
}

void renumber(LogFacts& facts, const std::vector<std::uint64_t>& physical) {
  Renumber{physical}(facts.boots);
}

}  // namespace hangar::log
