// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/json_parts.h"

#include "harness/base/json.h"

namespace hangar::log {
namespace {

ordered_json pid_json(std::int64_t pid) {
  return pid < 0 ? ordered_json() : ordered_json(pid);
}

ordered_json id_json(const std::optional<TaskId>& id) {
  if (!id) return {};
  return {{"comm", id->comm}, {"pid", pid_json(id->pid)}};
}

ordered_json task_json(const OomTask& task) {
  return {{"pid", pid_json(task.pid)},
          {"uid", or_null(task.uid)},
          {"tgid", or_null(task.tgid)},
          {"total_vm_pages", or_null(task.total_vm_pages)},
          {"rss_pages", or_null(task.rss_pages)},
          {"pgtables_bytes", or_null(task.pgtables_bytes)},
          {"swapents", or_null(task.swapents)},
          {"oom_score_adj", or_null(task.oom_score_adj)},
          {"name", task.name}};
}

ordered_json zone_json(const OomZone& zone) {
  return {{"line", zone.line},
          {"node", or_null(zone.node)},
          {"zone", or_null(zone.zone)},
          {"free_kb", or_null(zone.free_kb)},
          {"min_kb", or_null(zone.min_kb)},
          {"low_kb", or_null(zone.low_kb)},
          {"high_kb", or_null(zone.high_kb)},
          {"all_unreclaimable", or_null(zone.all_unreclaimable)}};
}

ordered_json locks_json(const HeldLocks& locks) {
  return {{"line", locks.line}, {"comm", locks.comm}, {"pid", pid_json(locks.pid)}, {"held", locks.held}};
}

ordered_json stalled_json(const MemAllocTask& task) {
  return {{"line", task.line},
          {"comm", task.comm},
          {"pid", pid_json(task.pid)},
          {"delay_s", or_null(task.delay_s)},
          {"seq", or_null(task.seq)},
          {"order", or_null(task.order)},
          {"gfp_mask", or_null(task.gfp_mask)},
          {"flags", or_null(task.flags)},
          {"dying", task.dying},
          {"victim", task.victim}};
}

ordered_json frame_json(const Frame& frame) {
  ordered_json out = {{"function", frame.function},
                      {"offset", or_null(frame.offset)},
                      {"size", or_null(frame.size)},
                      {"reliable", frame.reliable},
                      {"module", or_null(frame.module)}};
  if (!frame.source.empty()) out["source"] = frame.source;
  if (!frame.section.empty()) out["section"] = frame.section;
  if (frame.inlined) out["inlined"] = true;
  return out;
}

ordered_json pin_json(const MmPin& pin) {
  return {{"line", pin.line}, {"victim", id_json(pin.victim)}, {"holder", id_json(pin.holder)}};
}

ordered_json work_json(const BusyWork& work) {
  return {{"workqueue", or_null(work.workqueue)},
          {"pid", pid_json(work.pid)},
          {"function", work.function},
          {"running_s", or_null(work.running_s)}};
}

template <typename T, typename F>
ordered_json list_json(const std::vector<T>& items, F one) {
  ordered_json out = ordered_json::array();
  for (const auto& item : items) out.push_back(one(item));
  return out;
}

ordered_json kills_json(const KillSeries& series) {
  ordered_json out = json_of(series.first);
  out["count"] = series.count;
  return out;
}

}  // namespace

ordered_json json_of(const Crash& crash) {
  return {{"title", crash.title},
          {"alternatives", crash.alternatives},
          {"type", crash.type},
          {"corrupted", crash.corrupted},
          {"corrupted_why", or_null(crash.corrupted_why)},
          {"panicked", crash.panicked},
          {"panic_line", or_null(crash.panic_line)},
          {"panic_title", or_null(crash.panic_title)},
          {"line", crash.line},
          {"last_line", crash.last_line},
          {"time_s", or_null(crash.time_s)}};
}

ordered_json json_of(const OomKill& kill) {
  return {{"line", kill.line},
          {"time_s", or_null(kill.time_s)},
          {"pid", pid_json(kill.pid)},
          {"comm", kill.comm},
          {"score", or_null(kill.score)},
          {"total_vm_kb", or_null(kill.total_vm_kb)},
          {"anon_rss_kb", or_null(kill.anon_rss_kb)},
          {"file_rss_kb", or_null(kill.file_rss_kb)},
          {"shmem_rss_kb", or_null(kill.shmem_rss_kb)},
          {"uid", or_null(kill.uid)},
          {"pgtables_kb", or_null(kill.pgtables_kb)},
          {"oom_score_adj", or_null(kill.oom_score_adj)},
          {"memcg", kill.memcg},
          {"exited", kill.exited ? ordered_json(true) : ordered_json()},
          {"instead_of", id_json(kill.instead_of)}};
}

ordered_json json_of(const HungTaskSeries& series) {
  ordered_json out = json_of(series.first);
  out["count"] = series.count;
  out["last_line"] = series.last.line;
  out["last_blocked_s"] = or_null(series.last.blocked_s);
  const auto& blocker = series.last.blocker ? series.last.blocker : series.first.blocker;
  out["blocker"] = blocker ? json_of(*blocker) : ordered_json();
  return out;
}

ordered_json json_of(const OomReap& reap) {
  return {{"line", reap.line},           {"time_s", or_null(reap.time_s)},
          {"pid", pid_json(reap.pid)},   {"comm", reap.comm},
          {"succeeded", reap.succeeded}, {"after_kill_s", or_null(reap.after_kill_s)}};
}

ordered_json json_of(const OomEpisode& episode) {
  return {{"line", episode.line},
          {"time_s", or_null(episode.time_s)},
          {"invoker", id_json(episode.invoker)},
          {"gfp_mask", or_null(episode.gfp_mask)},
          {"gfp_flags", episode.gfp_flags},
          {"order", or_null(episode.order)},
          {"oom_score_adj", or_null(episode.oom_score_adj)},
          {"constraint", or_null(episode.constraint)},
          {"sysrq", episode.sysrq},
          {"memcg", or_null(episode.memcg)},
          {"task_memcg", or_null(episode.task_memcg)},
          {"memcg_usage_kb", or_null(episode.memcg_usage_kb)},
          {"memcg_limit_kb", or_null(episode.memcg_limit_kb)},
          {"chosen", id_json(episode.chosen)},
          {"kill_line_known", or_null(episode.kill_line_known)},
          {"no_killable", episode.no_killable},
          {"panicked", episode.panicked},
          {"uncertain", episode.uncertain},
          {"zones", list_json(episode.zones, zone_json)},
          {"tasks", list_json(episode.tasks, task_json)},
          {"kills", list_json(merge(episode.kills), kills_json)},
          {"reaped", list_json(episode.reaped, [](const OomReap& reap) { return json_of(reap); })},
          {"pins", list_json(episode.pins, pin_json)},
          {"sharers", list_json(episode.sharers, [](const TaskId& task) { return id_json(task); })}};
}

ordered_json json_of(const MemAlloc& report) {
  return {{"line", report.line},
          {"time_s", or_null(report.time_s)},
          {"stalling", report.stalling},
          {"dying", report.dying},
          {"victim", report.victim},
          {"exiting", or_null(report.exiting)},
          {"oom_count", or_null(report.oom_count)},
          {"tasks", list_json(report.tasks, stalled_json)}};
}

ordered_json json_of(const AllocTrouble& trouble) {
  return {{"line", trouble.line},
          {"time_s", or_null(trouble.time_s)},
          {"comm", trouble.comm},
          {"stalled_s", or_null(trouble.stalled_s)},
          {"order", or_null(trouble.order)},
          {"gfp_mask", or_null(trouble.gfp_mask)}};
}

ordered_json json_of(const SysRq& sysrq) {
  return {{"line", sysrq.line},
          {"time_s", or_null(sysrq.time_s)},
          {"name", sysrq.name},
          {"key", sysrq.key == '\0' ? ordered_json() : ordered_json(std::string(1, sysrq.key))},
          {"last_line", or_null(sysrq.last_line)},
          {"zones", list_json(sysrq.zones, zone_json)},
          {"locks", list_json(sysrq.locks, locks_json)}};
}

ordered_json json_of(const HungTask& hung) {
  return {{"line", hung.line},
          {"time_s", or_null(hung.time_s)},
          {"comm", hung.comm},
          {"pid", pid_json(hung.pid)},
          {"blocked_s", or_null(hung.blocked_s)}};
}

ordered_json json_of(const Blocker& blocker) {
  return {{"line", blocker.line},
          {"lock", blocker.lock},
          {"waits_as", or_null(blocker.waits_as)},
          {"owner", id_json(blocker.owner)},
          {"owned_as", or_null(blocker.owned_as)}};
}

ordered_json json_of(const Suppressed& suppressed) {
  return {{"line", suppressed.line},
          {"time_s", or_null(suppressed.time_s)},
          {"reports", suppressed.reports},
          {"count", or_null(suppressed.count)}};
}

ordered_json json_of(const RcuStall& stall) {
  return {{"jiffies", or_null(stall.jiffies)},
          {"cpus", stall.cpus},
          {"pids", stall.pids},
          {"starved_jiffies", or_null(stall.starved_jiffies)},
          {"timer_jiffies", or_null(stall.timer_jiffies)}};
}

ordered_json json_of(const std::vector<BusyWork>& works) {
  return list_json(works, work_json);
}

ordered_json json_of(const std::optional<TaskId>& task) {
  return id_json(task);
}

ordered_json json_of(const Lockup& lockup) {
  return {{"line", lockup.line},
          {"time_s", or_null(lockup.time_s)},
          {"kind", lockup.kind},
          {"cpu", or_null(lockup.cpu)},
          {"stuck_s", or_null(lockup.stuck_s)},
          {"comm", or_null(lockup.comm)},
          {"pid", pid_json(lockup.pid)},
          {"rcu", lockup.kind == LockupKind::rcu ? json_of(lockup.rcu) : ordered_json()},
          {"works", json_of(lockup.works)}};
}

ordered_json json_of(const TaskStack& stack) {
  return {{"line", stack.line},
          {"last_line", stack.last_line},
          {"time_s", or_null(stack.time_s)},
          {"comm", or_null(stack.comm)},
          {"pid", pid_json(stack.pid)},
          {"state", or_null(stack.state)},
          {"ppid", or_null(stack.ppid)},
          {"tgid", or_null(stack.tgid)},
          {"flags", or_null(stack.flags)},
          {"frames", list_json(stack.frames, frame_json)}};
}

ordered_json json_of(const Hang& hang) {
  return {{"kind", hang.kind},
          {"cause", or_null(hang.cause)},
          {"start_s", or_null(hang.start_s)},
          {"end_s", or_null(hang.end_s)},
          {"duration_s", or_null(hang.duration_s)},
          {"censored", hang.censored},
          {"ended_by", or_null(hang.ended_by)},
          {"uncertain", hang.uncertain},
          {"lines", hang.lines}};
}

ordered_json json_of(const Finding& finding) {
  return {
      {"id", finding.id}, {"text", finding.text}, {"certainty", finding.certainty}, {"lines", finding.lines}};
}

}  // namespace hangar::log
