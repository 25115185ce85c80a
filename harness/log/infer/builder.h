// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "harness/log/parse/event.h"
#include "harness/log/record/part.h"

// Collects events into LogFacts, boot by boot. A live run may keep one and look at facts() while the guest
// runs; what is still open in the engine is not in it yet.
namespace hangar::log {

/// Its memory does not grow with the log: what is beyond a cap is counted in `left_out`. Of a boot beyond the
/// cap everything is left out.
class FactsBuilder {
 public:
  explicit FactsBuilder(const PartCounts& caps = default_caps()) : caps_(caps) { facts_.boots.reserve(1); }
  void on(Event&& event);
  [[nodiscard]] const LogFacts& facts() const { return facts_; }
  // Done: at least one boot, in order.
  [[nodiscard]] LogFacts take();

 private:
  // A kill of this boot: where it is in the facts.
  struct KillAt {
    std::size_t episode = 0;
    std::size_t kill = 0;
  };
  // Kills of one PID whose victim is not known to have gone.
  struct OpenKills {
    std::vector<KillAt> kills;
    std::uint64_t listed_at = 0;  // the last complete table that lists the PID
  };

  void boot_started(const Event& event, BootStarted&& started);
  void boot_ended(const Event& event, const BootEnded& ended);
  void damage(const Damage& damage);
  void episode(OomEpisode&& episode);
  void follow(const OomEpisode& episode);
  void note_gone(const OomEpisode& episode);
  void memalloc(MemAlloc&& report);
  void stack(TaskStack&& stack);
  void output(SysRq&& action);
  void blocker(HungTaskBlocker&& detail);
  void detail(LockupDetail&& detail);
  [[nodiscard]] Boot& boot();
  [[nodiscard]] OomKill& kill_at(const KillAt& at) { return boot().oom[at.episode].kills[at.kill]; }

  // Whether one more is kept; else it counts as left out.
  [[nodiscard]] bool has_room(Part part, std::uint64_t count = 1);
  template <typename T>
  bool keep(std::vector<T>& list, T&& one, Part part);
  // Keeps what there is room for; true when that is not all.
  template <typename T>
  bool trim(std::vector<T>& list, Part part);

  LogFacts facts_;
  PartCounts caps_;
  PartCounts kept_;
  bool completes_hung_task_ = false;  // the last report was kept, so its details are
  bool completes_lockup_ = false;
  bool skips_boot_ = false;                           // the boot that is being read is beyond the cap
  std::unordered_map<std::int64_t, OpenKills> open_;  // by PID
  std::uint64_t tables_ = 0;                          // complete ones
  std::uint64_t no_victim_line_ = 0;                  // of the last report that counted none
};

}  // namespace hangar::log
