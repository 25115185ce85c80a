// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/builder.h"

#include <algorithm>

namespace hangar::log {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// A table of all tasks. That of a memcg, a cpuset or a memory policy lists only its own.
bool lists_everybody(const OomEpisode& episode) {
  const bool known = std::none_of(episode.tasks.begin(), episode.tasks.end(),
                                  [](const OomTask& task) { return task.pid < 0; });
  return !episode.tasks.empty() && known && !episode.memcg && !episode.uncertain &&
         (!episode.constraint || *episode.constraint == "CONSTRAINT_NONE");
}

// Of one report: a guest may print any number of lines.
template <typename T>
void append(std::vector<T>& list, const std::vector<T>& more) {
  constexpr std::size_t most = 256;
  const auto room = most - std::min(most, list.size());
  list.insert(list.end(), more.begin(),
              more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size())));
}

}  // namespace

bool FactsBuilder::has_room(Part part, std::uint64_t count) {
  if (skips_boot_ || count > caps_[part] - kept_[part]) {
    facts_.left_out[part] += count;
    return false;
  }
  kept_[part] += count;
  return true;
}

template <typename T>
bool FactsBuilder::keep(std::vector<T>& list, T&& one, Part part) {
  const bool kept = has_room(part);
  if (kept) list.push_back(std::forward<T>(one));
  return kept;
}

template <typename T>
bool FactsBuilder::trim(std::vector<T>& list, Part part) {
  const std::uint64_t room = skips_boot_ ? 0 : caps_[part] - kept_[part];
  const bool cut = list.size() > room;
  if (cut) {
    facts_.left_out[part] += list.size() - room;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(room), list.end());
  }
  kept_[part] += list.size();
  return cut;
}

Boot& FactsBuilder::boot() {
  if (facts_.boots.empty()) facts_.boots.emplace_back();
  return facts_.boots.back();
}

void FactsBuilder::boot_started(const Event& event, BootStarted&& started) {
  if (!started.same_boot) {
    open_.clear();
    completes_hung_task_ = completes_lockup_ = skips_boot_ = false;
    skips_boot_ = !has_room(Part::boots);
    if (skips_boot_) return;
    facts_.boots.emplace_back();
    boot().line = event.line;
    return;
  }
  if (skips_boot_) return;
  if (!started.kernel_release.empty()) boot().kernel_release = std::move(started.kernel_release);
  if (!started.build_id.empty()) boot().build_id = std::move(started.build_id);
  boot().from_start = boot().from_start || started.banner;
}

void FactsBuilder::boot_ended(const Event& event, const BootEnded& ended) {
  if (skips_boot_) return;
  boot().last_line = event.line;
  boot().first_s = ended.first_s;
  boot().last_s = ended.last_s;
  boot().wall_clock = ended.wall_clock;
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
    case Damage::Kind::wrapped:
      ++integrity.wrapped;
      break;
    case Damage::Kind::repeated:
      ++integrity.repeated;
      break;
  }
}

// A victim that a later, complete task table no longer lists has gone. In proportion to the rows: a PID stays
// open only while each table lists it.
void FactsBuilder::note_gone(const OomEpisode& episode) {
  if (open_.empty() || !lists_everybody(episode)) return;
  ++tables_;
  for (const OomTask& task : episode.tasks) {
    const auto open = open_.find(task.pid);
    if (open != open_.end()) open->second.listed_at = tables_;
  }
  std::erase_if(open_, [&](const auto& entry) {
    if (entry.first < 0 || entry.second.listed_at == tables_) return false;
    for (const KillAt& at : entry.second.kills) kill_at(at).exited = true;
    return true;
  });
}

void FactsBuilder::episode(OomEpisode&& episode) {
  note_gone(episode);
  if (!has_room(Part::oom)) {
    facts_.left_out[Part::kills] += episode.kills.size();
    facts_.left_out[Part::oom_tasks] += episode.tasks.size();
    facts_.left_out[Part::zones] += episode.zones.size();
    facts_.left_out[Part::reaped] += episode.reaped.size();
    return;
  }
  (void)trim(episode.kills, Part::kills);
  (void)trim(episode.zones, Part::zones);
  (void)trim(episode.reaped, Part::reaped);
  if (trim(episode.tasks, Part::oom_tasks)) episode.uncertain = true;
  for (auto& kill : episode.kills) kill.exited = kill.line < no_victim_line_;
  follow(episode);
  boot().oom.push_back(std::move(episode));
}

void FactsBuilder::follow(const OomEpisode& episode) {
  for (std::size_t i = 0; i < episode.kills.size(); ++i) {
    const OomKill& kill = episode.kills[i];
    if (!kill.exited) open_[kill.pid].kills.push_back({boot().oom.size(), i});
  }
}

// The watchdog counts victims that still hold their mm: none left means that all have let go.
void FactsBuilder::memalloc(MemAlloc&& report) {
  if (report.victim == 0) {
    no_victim_line_ = report.line;
    for (auto entry = open_.begin(); entry != open_.end();) {
      std::erase_if(entry->second.kills, [&](const KillAt& at) {
        OomKill& kill = kill_at(at);
        kill.exited = kill.line < report.line;
        return kill.exited;
      });
      entry = entry->second.kills.empty() ? open_.erase(entry) : std::next(entry);
    }
  }
  if (!has_room(Part::memalloc)) {
    facts_.left_out[Part::memalloc_tasks] += report.tasks.size();
    return;
  }
  (void)trim(report.tasks, Part::memalloc_tasks);
  boot().memalloc.push_back(std::move(report));
}

// A stack without its frames has no value: it is kept whole or not at all.
void FactsBuilder::stack(TaskStack&& stack) {
  const std::uint64_t frames = stack.frames.size();
  const bool fits = frames <= caps_[Part::frames] - kept_[Part::frames];
  if (fits && has_room(Part::tasks)) {
    kept_[Part::frames] += frames;
    boot().tasks.push_back(std::move(stack));
    return;
  }
  if (!fits) ++facts_.left_out[Part::tasks];
  facts_.left_out[Part::frames] += frames;
}

void FactsBuilder::output(SysRq&& action) {
  auto& all = boot().sysrq;
  const auto at = std::lower_bound(all.begin(), all.end(), action.line,
                                   [](const SysRq& one, std::uint64_t line) { return one.line < line; });
  if (skips_boot_ || at == all.end() || at->line != action.line) {
    facts_.left_out[Part::zones] += action.zones.size();
    facts_.left_out[Part::locks] += action.locks.size();
    return;
  }
  (void)trim(action.zones, Part::zones);
  (void)trim(action.locks, Part::locks);
  *at = std::move(action);
}

void FactsBuilder::blocker(HungTaskBlocker&& detail) {
  if (!completes_hung_task_ || boot().hung_tasks.empty()) return;
  HungTask& hung = boot().hung_tasks.back();
  if (hung.pid == detail.pid) hung.blocker = std::move(detail.blocker);
}

void FactsBuilder::detail(LockupDetail&& detail) {
  if (!completes_lockup_ || boot().lockups.empty()) return;
  Lockup& report = boot().lockups.back();
  append(report.works, detail.works);
  append(report.rcu.cpus, detail.rcu.cpus);
  append(report.rcu.pids, detail.rcu.pids);
  if (detail.rcu.jiffies) report.rcu.jiffies = detail.rcu.jiffies;
  if (detail.rcu.starved_jiffies) report.rcu.starved_jiffies = detail.rcu.starved_jiffies;
  if (detail.rcu.timer_jiffies) report.rcu.timer_jiffies = detail.rcu.timer_jiffies;
  if (const auto& cpus = report.rcu.cpus; !cpus.empty())
    report.cpu = cpus.size() == 1 ? std::optional(cpus.front()) : std::nullopt;
  if (detail.task && report.pid < 0) {
    report.comm = detail.task->comm;
    report.pid = detail.task->pid;
  }
}

void FactsBuilder::on(Event&& event) {
  std::visit(Overloaded{
                 [&](BootStarted&& started) { boot_started(event, std::move(started)); },
                 [&](InitStarted&&) {
                   if (!skips_boot_) boot().reached_init = true;
                 },
                 [&](BootEnded&& ended) { boot_ended(event, ended); },
                 [](OomInvoked&&) {},
                 [](OomKill&&) {},
                 [](OomReap&&) {},
                 [&](OomEpisode&& done) { episode(std::move(done)); },
                 [&](MemAlloc&& report) { memalloc(std::move(report)); },
                 [&](AllocTrouble&& trouble) {
                   keep(boot().alloc_troubles, std::move(trouble), Part::allocation_troubles);
                 },
                 [&](SysRq&& sysrq) { keep(boot().sysrq, std::move(sysrq), Part::sysrq); },
                 [&](SysRqOutput&& printed) { output(std::move(printed.action)); },
                 [&](HungTask&& hung) {
                   completes_hung_task_ = keep(boot().hung_tasks, std::move(hung), Part::hung_tasks);
                 },
                 [&](HungTaskBlocker&& detail) { blocker(std::move(detail)); },
                 [&](Lockup&& lockup) {
                   completes_lockup_ = keep(boot().lockups, std::move(lockup), Part::lockups);
                 },
                 [&](LockupDetail&& more) { detail(std::move(more)); },
                 [&](const Suppressed& one) { keep(boot().suppressed, Suppressed(one), Part::suppressed); },
                 [&](TaskStack&& one) { stack(std::move(one)); },
                 [&](Crash&& crash) { keep(boot().crashes, std::move(crash), Part::crashes); },
                 [&](Panic&& panic) {
                   if (!skips_boot_ && !boot().panic) boot().panic = std::move(panic.reason);
                 },
                 [&](Damage&& hurt) { damage(hurt); },
                 [&](Hang&& hang) { keep(boot().hangs, std::move(hang), Part::hangs); },
                 [&](Finding&& finding) { keep(boot().findings, std::move(finding), Part::findings); },
                 [&](LeftOut&& left) { facts_.left_out[left.part] += left.count; },
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
