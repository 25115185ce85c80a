// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/finding.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include <fmt/core.h>

#include "harness/log/infer/waiting.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_stacks = 20000;
constexpr std::size_t max_kills = 256;
constexpr std::size_t max_said = 1000;
constexpr std::size_t max_findings = 1000;  // of a boot
constexpr std::size_t named = 12;           // lines and pids cited for one group

bool any_of(std::string_view name, const auto& list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view part) { return contains(name, part); });
}

// Frames that only sleep or switch.
constexpr std::array<std::string_view, 10> sleeping = {
    "cond_resched", "schedule", "context_switch", "io_schedule", "__switch_to",
    "preempt_",     "msleep",   "dump_stack",     "show_stack",  "bit_wait"};
constexpr std::array<std::string_view, 5> write_wait = {
    "rwsem_down_write", "down_write", "rwsem_optimistic_spin", "mmap_write_lock", "lock_mm_and_find_vma_w"};
constexpr std::array<std::string_view, 4> read_wait = {"rwsem_down_read", "down_read", "mmap_read_lock",
                                                       "lock_mm_and_find_vma"};
constexpr std::array<std::string_view, 12> mm_users = {
    "page_fault", "user_addr_fault",  "munmap",     "mmap",    "mprotect", "sys_brk",
    "SyS_brk",    "access_remote_vm", "mm_release", "exit_mm", "madvise",  "do_exit"};
constexpr std::array<std::string_view, 9> allocation = {
    "alloc_pages", "try_to_free_pages",      "shrink_node",
    "shrink_zone", "get_page_from_freelist", "out_of_memory",
    "folio_alloc", "__alloc_frozen_pages",   "throttle_direct_reclaim"};
// Callers that hold the mmap lock while they allocate.
constexpr std::array<std::string_view, 7> mm_holders = {"handle_mm_fault", "filemap_fault", "do_mmap",
                                                        "mmap_region",     "do_munmap",     "populate_vma",
                                                        "mprotect_fixup"};

enum Class : unsigned {
  c_sleeping = 1,
  c_write = 2,
  c_read = 4,
  c_user = 8,
  c_allocates = 16,
  c_holds = 32,
};

unsigned classify(std::string_view name) {
  return (any_of(name, sleeping) ? c_sleeping : 0U) | (any_of(name, write_wait) ? c_write : 0U) |
         (any_of(name, read_wait) ? c_read : 0U) | (any_of(name, mm_users) ? c_user : 0U) |
         (any_of(name, allocation) ? c_allocates : 0U) | (any_of(name, mm_holders) ? c_holds : 0U);
}

// A log full of stacks names the same few hundred functions over and over.
unsigned class_of(const std::string& name) {
  constexpr std::size_t most = 20000;
  thread_local std::unordered_map<std::string, unsigned> known;
  const auto at = known.find(name);
  if (at != known.end()) return at->second;
  if (known.size() >= most) known.clear();
  return known.emplace(name, classify(name)).first->second;
}

Wait wait_of(unsigned seen) {
  if ((seen & c_allocates) != 0) return (seen & c_holds) != 0 ? Wait::allocating_in_mm : Wait::allocating;
  if ((seen & c_user) == 0) return Wait::other;
  if ((seen & c_write) != 0) return Wait::mmap_write;
  return (seen & c_read) != 0 ? Wait::mmap_read : Wait::other;
}

std::string list_pids(const std::vector<const StackRole*>& roles) {
  std::string out;
  for (std::size_t i = 0; i < roles.size() && i < named; ++i) {
    out += fmt::format("{}{}", i == 0 ? "" : ", ", roles[i]->pid);
  }
  if (roles.size() > named) out += fmt::format(" and {} more", roles.size() - named);
  return out;
}

void cite(Finding& finding, const std::vector<const StackRole*>& roles) {
  for (std::size_t i = 0; i < roles.size() && i < named; ++i) finding.lines.push_back(roles[i]->line);
}

}  // namespace

StackRole role_of(const TaskStack& stack) {
  StackRole role;
  role.line = stack.line;
  role.comm = stack.comm;
  role.pid = stack.pid;
  role.ppid = stack.ppid.value_or(-1);
  role.tgid = stack.tgid.value_or(-1);
  role.state = stack.state.empty() ? ' ' : stack.state.front();
  const bool guess = is_guess(stack);
  unsigned seen = 0;
  for (const auto& frame : stack.frames) {
    if (!frame.reliable && !guess) continue;
    const unsigned is = class_of(frame.function);
    if (role.where.empty() && (is & c_sleeping) == 0) role.where = frame.function;
    seen |= is;
  }
  role.wait = wait_of(seen);
  return role;
}

void FindingTracker::say(Finding finding, const EventSink& sink, std::uint64_t from) {
  if (findings_ >= max_findings) {
    ++left_out_[Part::findings];
    return;
  }
  ++findings_;
  std::sort(finding.lines.begin(), finding.lines.end());
  finding.lines.erase(std::unique(finding.lines.begin(), finding.lines.end()), finding.lines.end());
  const auto line = finding.lines.empty() ? 0 : finding.lines.back();
  if (from == 0 && line > 0) from = finding.lines.front();
  const auto gap = std::lower_bound(gaps_.begin(), gaps_.end(), from);
  const bool mixed = std::any_of(finding.lines.begin(), finding.lines.end(), [&](std::uint64_t cited) {
    return std::binary_search(mixed_.begin(), mixed_.end(), cited);
  });
  if ((gap != gaps_.end() && *gap <= line) || mixed || from <= forgotten_gap_)
    finding.certainty = finding.certainty == Certainty::certain ? Certainty::probable : Certainty::possible;
  sink(Event{line, std::nullopt, std::move(finding)});
}

void FindingTracker::episode(const OomEpisode& episode, const EventSink& sink) {
  const OomTask* biggest = nullptr;
  for (const auto& task : episode.tasks) {
    if (task.rss_pages && (biggest == nullptr || *task.rss_pages > *biggest->rss_pages)) biggest = &task;
  }
  for (const auto& kill : episode.kills) {
    if (kill.instead_of) {
      say({"child-sacrificed",
           fmt::format("{} ({}) was killed in place of its parent {} ({}), which the OOM killer had chosen.",
                       kill.comm, kill.pid, kill.instead_of->comm, kill.instead_of->pid),
           Certainty::certain,
           {kill.line}},
          sink);
    }
    for (const MmPin& pin : episode.pins) {
      if (pin.victim.pid != kill.pid) continue;
      say({"victim-mm-pinned",
           fmt::format(
               "Killing {} ({}) does not free its memory: {} ({}) shares its mm and must not be killed.",
               kill.comm, kill.pid, pin.holder.comm, pin.holder.pid),
           Certainty::certain,
           {kill.line, pin.line}},
          sink);
    }
    if (!kill.resident_kb) continue;
    const std::int64_t freed = *kill.resident_kb;
    const std::int64_t most = biggest == nullptr ? 0 : *biggest->rss_pages * 4;
    // Under a megabyte, or under a hundredth of what the biggest task holds.
    if (freed >= 1024 && freed * 100 >= most) continue;
    std::string text =
        fmt::format("Killing {} ({}) frees next to nothing: {} kB resident", kill.comm, kill.pid, freed);
    if (most > freed) text += fmt::format(", while {} ({}) holds {} kB", biggest->name, biggest->pid, most);
    say({"victim-frees-little", text + ".", Certainty::certain, {kill.line}}, sink, episode.line);
  }
}

void FindingTracker::starved(const Event& event, const LockupDetail& detail, const EventSink& sink) {
  if (!detail.rcu.starved_jiffies || !said_.insert("starved").second) return;
  say({"rcu-kthread-starved",
       fmt::format(
           "The RCU grace-period kthread had not run for {} jiffies: what waits for a grace period, such "
           "as memory to be freed, waits for a CPU.",
           *detail.rcu.starved_jiffies),
       Certainty::certain,
       {event.line}},
      sink);
}

void FindingTracker::locks(const EventSink& sink) {
  for (const BlockedGroup& group : blockers_.groups()) {
    const auto stack = places_.find(group.owner.pid);
    const std::string where = stack == places_.end() ? "" : stacks_[stack->second].where;
    Finding finding{"lock-owner", describe(group, where), Certainty::probable, group.lines};
    if (group.cycle) finding.id = "lock-cycle";
    say(std::move(finding), sink);
  }
}

void FindingTracker::hang(const Hang& hang, const EventSink& sink) {
  hung_ = true;
  if (hang.kind != HangKind::memory_stall || hang.cause != StallCause::no_kill) return;
  std::string text = "Allocations stalled";
  if (hang.start_s) text += fmt::format(" from {:.0f} s", *hang.start_s);
  if (hang.end_s) text += fmt::format(" to {:.0f} s", *hang.end_s);
  text += " and the OOM killer killed no process";
  if (hang.censored) {
    text += "; this had not ended when the log ended.";
  } else if (hang.ended_by == HangEnd::sysrq_f) {
    text += "; a manual OOM kill (SysRq-f) ended it.";
  } else if (hang.ended_by == HangEnd::kill) {
    text += " until an OOM kill ended it.";
  } else {
    text += "; it ended by itself.";
  }
  say({"silent-hang", text, Certainty::certain, hang.lines}, sink);
}

void FindingTracker::memalloc(const MemAlloc& report, const EventSink& sink) {
  (void)sink;
  if (report.stalling == 0 || report.dying <= report.victim) return;
  if (dying_lines_.size() < named) dying_lines_.push_back(report.line);
  if (report.dying - report.victim <= worst_.dying - worst_.victim) return;
  worst_.stalling = report.stalling;
  worst_.dying = report.dying;
  worst_.victim = report.victim;
}

void FindingTracker::livelock(const OomKill& kill, const EventSink& sink) {
  const StackRole* victim = nullptr;
  for (const auto& role : stacks_) {
    if (role.pid == kill.pid && role.line > kill.line) victim = &role;
  }
  std::vector<const StackRole*> writers;
  std::vector<const StackRole*> readers;
  std::vector<const StackRole*> holders;
  for (const auto& role : stacks_) {
    if (role.line < kill.line) continue;
    // Threads of the victim: by tgid where it is printed, else the same name and the same parent.
    bool same = role.pid == kill.pid || (role.tgid >= 0 && role.tgid == kill.pid);
    if (!same && role.tgid < 0 && victim != nullptr)
      same = role.comm == victim->comm && role.ppid == victim->ppid;
    if (!same && role.tgid < 0 && victim == nullptr && kill.instead_of)
      same = role.comm == kill.comm && role.ppid == kill.instead_of->pid;
    if (!same) continue;
    if (role.wait == Wait::mmap_write) writers.push_back(&role);
    if (role.wait == Wait::mmap_read) readers.push_back(&role);
    if (role.wait == Wait::allocating_in_mm) holders.push_back(&role);
  }
  const bool waiters = !writers.empty() || !readers.empty();
  // Without the waiters' stacks it takes the watchdog's word that victims are stuck.
  if (holders.empty() || (!waiters && dying_lines_.empty())) return;
  Finding finding;
  finding.id = "mmap-lock-livelock";
  finding.text = fmt::format(
      "The OOM victim {} ({}) cannot exit: its threads wait for its mmap lock, probably held by {} {}, "
      "waiting for memory in the allocator (in {}).",
      kill.comm, kill.pid, holders.size() == 1 ? "thread" : "one of the threads", list_pids(holders),
      holders.front()->where);
  if (!writers.empty()) finding.text += fmt::format(" Waiting to write: {}.", list_pids(writers));
  if (!readers.empty()) finding.text += fmt::format(" Waiting to read: {}.", list_pids(readers));
  if (!waiters) finding.text += " The log shows no stack of a waiting thread.";
  finding.certainty = victim != nullptr && waiters ? Certainty::probable : Certainty::possible;
  finding.lines.push_back(kill.line);
  cite(finding, holders);
  cite(finding, writers);
  cite(finding, readers);
  if (said_.insert(fmt::format("livelock {}", kill.pid)).second) say(std::move(finding), sink);
}

void FindingTracker::common_wait(const EventSink& sink) {
  std::map<std::string, std::vector<const StackRole*>> places;
  std::size_t blocked = 0;
  for (const auto& role : stacks_) {
    if (role.state != 'D' || role.where.empty()) continue;
    ++blocked;
    places[role.where].push_back(&role);
  }
  const std::pair<const std::string, std::vector<const StackRole*>>* most = nullptr;
  for (const auto& place : places) {
    if (most == nullptr || place.second.size() > most->second.size()) most = &place;
  }
  if (most == nullptr || blocked < 5 || most->second.size() * 2 < blocked) return;
  Finding finding{"common-wait",
                  fmt::format("{} of {} blocked tasks sit in {}.", most->second.size(), blocked, most->first),
                  Certainty::certain,
                  {}};
  cite(finding, most->second);
  say(std::move(finding), sink);
}

void FindingTracker::damage(const Event& event, const Damage& damage) {
  constexpr std::size_t most = 20000;
  const bool mixes = damage.kind == Damage::Kind::interleaved;
  if (damage.kind == Damage::Kind::replayed || damage.kind == Damage::Kind::wrapped ||
      damage.kind == Damage::Kind::repeated)
    return;
  auto& list = mixes ? mixed_ : gaps_;
  if (list.size() >= most) {
    forgotten_gap_ = std::max(forgotten_gap_, list.front());
    list.pop_front();
  }
  if (list.empty() || list.back() < event.line) list.push_back(event.line);
}

void FindingTracker::on(const Event& event, const EventSink& sink) {
  if (const auto* stack = std::get_if<TaskStack>(&event.body)) {
    if (stack->pid < 0 || stack->state.empty()) return;
    // A task that is dumped again is where it is now.
    const auto known = places_.find(stack->pid);
    if (known != places_.end()) {
      stacks_[known->second] = role_of(*stack);
    } else if (stacks_.size() < max_stacks) {
      places_.emplace(stack->pid, stacks_.size());
      stacks_.push_back(role_of(*stack));
    } else {
      ++left_out_[Part::followed_tasks];
    }
  } else if (const auto* done = std::get_if<OomEpisode>(&event.body)) {
    episode(*done, sink);
  } else if (const auto* kill = std::get_if<OomKill>(&event.body)) {
    if (kills_.size() < max_kills) {
      kills_.push_back(*kill);
    } else {
      ++left_out_[Part::followed_kills];
    }
  } else if (const auto* ended = std::get_if<Hang>(&event.body)) {
    hang(*ended, sink);
  } else if (const auto* report = std::get_if<MemAlloc>(&event.body)) {
    memalloc(*report, sink);
  } else if (const auto* reap = std::get_if<OomReap>(&event.body)) {
    if (reap->succeeded) return;
    if (said_.size() >= max_said) {
      ++left_out_[Part::findings];
    } else if (said_.insert(fmt::format("reap {}", reap->pid)).second) {
      say({"reaper-failed",
           fmt::format(
               "The OOM reaper could not reap {} ({}): its mmap lock was taken for writing all the time.",
               reap->comm, reap->pid),
           Certainty::certain,
           {reap->line}},
          sink);
    }
  } else if (const auto* blocked = std::get_if<HungTaskBlocker>(&event.body)) {
    blockers_.add(*blocked);
  } else if (const auto* detail = std::get_if<LockupDetail>(&event.body)) {
    starved(event, *detail, sink);
  } else if (const auto* damage = std::get_if<Damage>(&event.body)) {
    this->damage(event, *damage);
  }
}

void FindingTracker::finish(const EventSink& sink) {
  for (const auto& kill : kills_) livelock(kill, sink);
  if (!dying_lines_.empty()) {
    say({"dying-tasks-in-allocator",
         fmt::format("{} dying tasks compete in the allocator ({} stalling), and only {} of them may use the "
                     "memory reserves: "
                     "killing them does not free what they hold.",
                     worst_.dying, worst_.stalling, worst_.victim),
         Certainty::probable, dying_lines_},
        sink);
  }
  locks(sink);
  if (hung_ || !kills_.empty()) common_wait(sink);
  report_left_out(left_out_, 0, sink);
  *this = FindingTracker{};
}

}  // namespace hangar::log
