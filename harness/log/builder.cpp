// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/builder.h"

#include <algorithm>

namespace hangar::log {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Boot& FactsBuilder::boot() {
  if (facts_.boots.empty()) facts_.boots.emplace_back();
  return facts_.boots.back();
}

void FactsBuilder::boot_started(const Event& event, BootStarted&& started) {
  if (!started.same_boot) {
    facts_.boots.emplace_back();
    boot().line = event.line;
    return;
  }
  if (!started.kernel_release.empty()) boot().kernel_release = std::move(started.kernel_release);
  if (!started.build_id.empty()) boot().build_id = std::move(started.build_id);
  boot().from_start = boot().from_start || started.banner;
}

void FactsBuilder::damage(const Damage& damage) {
  auto& integrity = facts_.integrity;
  switch (damage.kind) {
    case Damage::Kind::dropped:
      integrity.dropped += damage.messages;
      break;
    case Damage::Kind::interleaved:
      ++integrity.interleaved;
      break;
    case Damage::Kind::truncated:
      ++integrity.truncated;
      break;
    case Damage::Kind::elided:
      ++integrity.elided;
      break;
    case Damage::Kind::replayed:
      ++integrity.replayed;
      break;
  }
}

// A victim that a later, complete task table no longer lists has gone. A memcg's table, or that of a cpuset
// or a memory policy, lists only its own tasks.
void FactsBuilder::episode(OomEpisode&& episode) {
  const bool everybody = !episode.memcg && !episode.uncertain &&
                         (!episode.constraint || *episode.constraint == "CONSTRAINT_NONE");
  if (!episode.tasks.empty() && everybody) {
    for (auto& earlier : boot().oom) {
      for (auto& kill : earlier.kills) {
        const bool listed = std::any_of(episode.tasks.begin(), episode.tasks.end(),
                                        [&](const OomTask& task) { return task.pid == kill.pid; });
        if (!listed) kill.exited = true;
      }
    }
  }
  for (auto& kill : episode.kills) kill.exited = kill.line < no_victim_line_;
  boot().oom.push_back(std::move(episode));
}

// The watchdog counts victims that still hold their mm: none left means that all have let go.
void FactsBuilder::memalloc(MemAlloc&& report) {
  if (report.victim == 0) {
    no_victim_line_ = report.line;
    for (auto& episode : boot().oom) {
      for (auto& kill : episode.kills) kill.exited = kill.exited || kill.line < report.line;
    }
  }
  boot().memalloc.push_back(std::move(report));
}

void FactsBuilder::output(SysRq&& action) {
  for (auto& one : boot().sysrq) {
    if (one.line != action.line) continue;
    one = std::move(action);
    return;
  }
}

void FactsBuilder::on(Event&& event) {
  std::visit(Overloaded{
                 [&](BootStarted&& started) { boot_started(event, std::move(started)); },
                 [&](InitStarted&&) { boot().reached_init = true; },
                 [&](BootEnded&& ended) {
                   boot().last_line = event.line;
                   boot().first_s = ended.first_s;
                   boot().last_s = ended.last_s;
                   boot().wall_clock = ended.wall_clock;
                 },
                 [](OomInvoked&&) {},
                 [](OomKill&&) {},
                 [](OomReap&&) {},
                 [&](OomEpisode&& episode_done) { episode(std::move(episode_done)); },
                 [&](MemAlloc&& report) { memalloc(std::move(report)); },
                 [&](AllocTrouble&& trouble) { boot().alloc_troubles.push_back(std::move(trouble)); },
                 [&](SysRq&& sysrq) { boot().sysrq.push_back(std::move(sysrq)); },
                 [&](SysRqOutput&& printed) { output(std::move(printed.action)); },
                 [&](HungTask&& hung) { boot().hung_tasks.push_back(std::move(hung)); },
                 [&](Lockup&& lockup) { boot().lockups.push_back(std::move(lockup)); },
                 [&](TaskStack&& stack) { boot().tasks.push_back(std::move(stack)); },
                 [&](Crash&& crash) { boot().crashes.push_back(std::move(crash)); },
                 [&](Panic&& panic) {
                   if (!boot().panic) boot().panic = std::move(panic.reason);
                 },
                 [&](Damage&& hurt) { damage(hurt); },
                 [&](Hang&& hang) { boot().hangs.push_back(std::move(hang)); },
                 [&](Finding&& finding) { boot().findings.push_back(std::move(finding)); },
             },
             std::move(event.body));
}

LogFacts FactsBuilder::take() {
  (void)boot();
  for (auto& one : facts_.boots) {
    std::sort(one.crashes.begin(), one.crashes.end(),
              [](const Crash& a, const Crash& b) { return a.line < b.line; });
    std::stable_sort(one.hangs.begin(), one.hangs.end(), [](const Hang& a, const Hang& b) {
      return a.start_s.value_or(-1) < b.start_s.value_or(-1);
    });
    std::stable_sort(one.findings.begin(), one.findings.end(), [](const Finding& a, const Finding& b) {
      return (a.lines.empty() ? 0 : a.lines.front()) < (b.lines.empty() ? 0 : b.lines.front());
    });
  }
  return std::move(facts_);
}

}  // namespace hangar::log
