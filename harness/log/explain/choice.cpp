// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/log/explain/score.h"
#include "harness/log/explain/statements.h"

namespace hangar::log {
namespace {

// The table is printed after the choice: processes that run change their sizes in between.
constexpr double close_scores = 0.05;
constexpr std::size_t max_victims = 256;

const OomTask* task_of(const OomEpisode& episode, std::int64_t pid) {
  const auto at = std::find_if(episode.tasks.begin(), episode.tasks.end(),
                               [&](const OomTask& task) { return pid >= 0 && task.pid == pid; });
  return at == episode.tasks.end() ? nullptr : &*at;
}

std::string score_text(const Score& score) {
  std::string text =
      fmt::format("rss {} + swap {} + page tables {}", *score.rss, *score.swap, *score.page_tables);
  if (*score.adj != 0) {
    text += fmt::format(" {} oom_score_adj {} x {}", *score.adj < 0 ? "-" : "+", std::abs(*score.adj),
                        *score.total_pages / 1000);
  }
  return text + fmt::format(" = {} pages", *score.points);
}

// The process with the largest score of all that could be chosen. Equal scores: the later one, because
// oom_evaluate_task() replaces its choice unless the score is smaller.
const OomTask* largest(const OomEpisode& episode, const Explanation& out, const Number& total) {
  const OomTask* best = nullptr;
  std::int64_t most = 0;
  for (const auto& task : episode.tasks) {
    if (!can_be_chosen(task)) continue;
    const Score score = score_of(task, out.page_kb, total);
    if (!score.points) return nullptr;  // one unknown score leaves the order unknown
    if (best != nullptr && *score.points < most) continue;
    best = &task;
    most = *score.points;
  }
  return best;
}

void why_not_largest(const OomEpisode& episode, const OomHistory& history, const Victim& victim,
                     const OomTask& larger, const Score& larger_score, Explanation& out) {
  const TaskId id{larger.name, larger.pid};
  const std::string facts =
      fmt::format("{} has a larger score in the table ({} pages)", task_text(id), *larger_score.points);
  const bool killed_before =
      std::any_of(history.kills.begin(), history.kills.end(),
                  [&](const OomHistory::Kill& kill) { return kill.pid == larger.pid; });
  const double gap = static_cast<double>(*larger_score.points - victim.score.points.value_or(0)) /
                     std::max(1.0, static_cast<double>(*larger_score.points));
  if (killed_before) {
    out.choice.push_back(
        {"larger-killed-before", facts + ", but was killed before: the OOM killer does not choose a "
                                         "process again whose memory was reaped."});
  } else if (episode.oom_group) {
    return;
  } else if (gap <= close_scores) {
    out.choice.push_back(
        {"larger-now", facts + ". The table is printed after the choice; the sizes have changed."});
  } else {
    out.choice.push_back(
        {"larger-unexplained", facts + ". The log does not show why it was not chosen: it may have "
                                       "been exiting, in vfork, or killed before."});
  }
}

void score(const OomEpisode& episode, const OomHistory& history, Victim& victim, Explanation& out) {
  const Number total = total_pages(episode, out.scope, out.page_kb);
  // A child that is killed in place of its parent was not chosen by its score.
  const auto& parent = episode.kills.front().instead_of;
  const TaskId chosen = parent ? *parent : victim.id;
  const OomTask* task = task_of(episode, chosen.pid);
  if (task == nullptr) return;
  victim.score = score_of(*task, out.page_kb, total);
  if (victim.score.points) {
    out.choice.push_back({"score", fmt::format("{}: {}.", task_text(chosen), score_text(victim.score))});
  } else if (victim.score.adj.value_or(0) != 0) {
    out.choice.push_back(
        {"score-unknown", fmt::format("{}: its oom_score_adj is {}, a share of a total that is not in "
                                      "the log, so that the score is unknown.",
                                      task_text(chosen), *victim.score.adj)});
  }
  const OomTask* best = largest(episode, out, total);
  if (best == nullptr || episode.allocating_task) return;
  victim.largest = best == task;
  const auto could = std::count_if(episode.tasks.begin(), episode.tasks.end(), can_be_chosen);
  if (*victim.largest) {
    out.choice.push_back(
        {"largest",
         could == 1
             ? "It is the only process that could be chosen."
             : fmt::format("That is the largest score of the {} processes that could be chosen.", could)});
    return;
  }
  victim.larger = TaskId{best->name, best->pid};
  why_not_largest(episode, history, victim, *best, score_of(*best, out.page_kb, total), out);
}

// What is larger than the victim and was not chosen.
void largest_process(const OomEpisode& episode, const Victim& victim, Explanation& out) {
  const OomTask* biggest = nullptr;
  for (const auto& task : episode.tasks) {
    if (task.rss_pages && (biggest == nullptr || *task.rss_pages > *biggest->rss_pages)) biggest = &task;
  }
  if (biggest == nullptr || biggest->pid == victim.id.pid || !biggest->oom_score_adj) return;
  if (victim.score.rss && *biggest->rss_pages <= *victim.score.rss) return;
  const TaskId id{biggest->name, biggest->pid};
  if (!can_be_chosen(*biggest)) {
    out.choice.push_back(
        {"largest-exempt", fmt::format("{} has the largest rss, {}, but cannot be chosen ({}).",
                                       task_text(id), pages_text(*biggest->rss_pages, out.page_kb),
                                       biggest->pid == 1 ? "it is init" : "oom_score_adj -1000")});
  } else if (victim.largest.value_or(false)) {
    out.choice.push_back(
        {"largest-adj", fmt::format("{} has the largest rss, {}, but oom_score_adj {}.", task_text(id),
                                    pages_text(*biggest->rss_pages, out.page_kb), *biggest->oom_score_adj)});
  }
}

Victim victim_of(const OomKill& kill) {
  Victim victim;
  victim.id = {kill.comm, kill.pid};
  victim.line = kill.line;
  victim.printed_score = kill.score;
  victim.resident_kb = kill.resident_kb;
  victim.anon_kb = kill.anon_rss_kb;
  victim.file_kb = kill.file_rss_kb;
  victim.shmem_kb = kill.shmem_rss_kb;
  return victim;
}

void add_victims(const OomEpisode& episode, Explanation& out) {
  for (const auto& kill : episode.kills) {
    const bool again = std::any_of(out.victims.begin(), out.victims.end(), [&](const Victim& one) {
      return one.id.pid >= 0 && one.id.pid == kill.pid;
    });
    if (again) continue;  // memory.oom.group may name a victim twice
    if (out.victims.size() < max_victims) {
      out.victims.push_back(victim_of(kill));
    } else {
      ++out.more_victims;
    }
  }
}

void no_victim(const OomEpisode& episode, Explanation& out) {
  if (episode.no_killable) {
    out.choice.push_back(
        {"no-killable",
         "No process could be chosen: each has oom_score_adj -1000, is init, or was killed before."});
    largest_process(episode, Victim{}, out);
    if (out.scope != OomScope::group && out.scope != OomScope::sysrq)
      out.choice.push_back({"deadlock", "The kernel panics then: it is deadlocked on memory."});
  } else if (episode.panicked) {
    out.choice.push_back({"panic", "vm.panic_on_oom is set: the kernel panicked and killed nothing."});
  }
  if (episode.already_exiting)
    out.choice.push_back({"already-exiting", "The chosen process was exiting already; nothing was killed."});
  if (!out.victims.empty() || !episode.chosen) return;
  if (!episode.already_exiting) {
    out.choice.push_back(
        {"no-kill-line", task_text(*episode.chosen) + " was chosen; the log has no known kill line."});
  }
}

}  // namespace

void explain_victims(const OomEpisode& episode, const OomHistory& history, Explanation& out) {
  add_victims(episode, out);
  no_victim(episode, out);
  if (out.victims.empty()) return;
  Victim& first = out.victims.front();
  if (episode.allocating_task) {
    out.choice.push_back({"allocating-task",
                          "vm.oom_kill_allocating_task is set: the task that asked for memory is "
                          "killed, whatever its size."});
  }
  score(episode, history, first, out);
  if (first.printed_score) {
    const auto version = version_of(out.kernel_release);
    const bool root_bonus = version && *version < std::pair(4, 17);
    out.choice.push_back(
        {"printed-score",
         fmt::format("The kernel printed the score {}: thousandths of the memory and "
                     "swap that could be used{}.",
                     *first.printed_score, root_bonus ? "; root's processes had 3 % less before 4.17" : "")});
  }
  const auto& kill = episode.kills.front();
  if (kill.instead_of) {
    out.choice.push_back(
        {"child", fmt::format("{} was chosen; its child {} was killed instead, as kernels before 5.1 "
                              "do.",
                              task_text(*kill.instead_of), task_text(first.id))});
  }
  largest_process(episode, first, out);
  if (episode.oom_group) {
    out.choice.push_back(
        {"group-kill", fmt::format("memory.oom.group is set in {}: all of its processes are killed "
                                   "({} kill lines).",
                                   *episode.oom_group, episode.kills.size())});
  }
}

}  // namespace hangar::log
