// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/json_parts.h"

#include <nlohmann/json.hpp>

namespace hangar::log {
namespace {

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json id_json(const std::optional<TaskId>& id) {
  if (!id) return {};
  return {{"comm", id->comm}, {"pid", id->pid < 0 ? ordered_json() : ordered_json(id->pid)}};
}

ordered_json task_json(const OomTask& task) {
  return {{"pid", task.pid},
          {"uid", task.uid},
          {"tgid", task.tgid},
          {"total_vm_pages", task.total_vm_pages},
          {"rss_pages", task.rss_pages},
          {"pgtables_bytes", optional_json(task.pgtables_bytes)},
          {"swapents", optional_json(task.swapents)},
          {"oom_score_adj", optional_json(task.oom_score_adj)},
          {"name", task.name}};
}

ordered_json zone_json(const OomZone& zone) {
  return {{"line", zone.line},
          {"node", zone.node},
          {"zone", text_or_null(zone.zone)},
          {"free_kb", optional_json(zone.free_kb)},
          {"min_kb", optional_json(zone.min_kb)},
          {"low_kb", optional_json(zone.low_kb)},
          {"high_kb", optional_json(zone.high_kb)},
          {"all_unreclaimable", optional_json(zone.all_unreclaimable)}};
}

ordered_json locks_json(const HeldLocks& locks) {
  return {{"line", locks.line}, {"comm", locks.comm}, {"pid", locks.pid}, {"held", locks.held}};
}

ordered_json stalled_json(const MemAllocTask& task) {
  return {{"line", task.line},
          {"comm", task.comm},
          {"pid", task.pid},
          {"delay_s", optional_json(task.delay_s)},
          {"seq", optional_json(task.seq)},
          {"order", optional_json(task.order)},
          {"gfp_mask", optional_json(task.gfp_mask)},
          {"flags", optional_json(task.flags)},
          {"dying", task.dying},
          {"victim", task.victim}};
}

ordered_json frame_json(const Frame& frame) {
  ordered_json out = {{"function", frame.function},
                      {"offset", optional_json(frame.offset)},
                      {"size", optional_json(frame.size)},
                      {"reliable", frame.reliable},
                      {"module", text_or_null(frame.module)}};
  if (!frame.source.empty()) out["source"] = frame.source;
  if (!frame.section.empty()) out["section"] = frame.section;
  if (frame.inlined) out["inlined"] = true;
  return out;
}

template <typename T, typename F>
ordered_json list_json(const std::vector<T>& items, F one) {
  ordered_json out = ordered_json::array();
  for (const auto& item : items) out.push_back(one(item));
  return out;
}

}  // namespace

ordered_json json_of(const Crash& crash) {
  return {{"title", crash.title},
          {"alternatives", crash.alternatives},
          {"type", crash.type},
          {"corrupted", crash.corrupted},
          {"corrupted_why", text_or_null(crash.corrupted_why)},
          {"panicked", crash.panicked},
          {"panic_line", optional_json(crash.panic_line)},
          {"panic_title", text_or_null(crash.panic_title)},
          {"line", crash.line},
          {"last_line", crash.last_line},
          {"time_s", optional_json(crash.time_s)}};
}

ordered_json json_of(const OomKill& kill) {
  return {{"line", kill.line},
          {"time_s", optional_json(kill.time_s)},
          {"pid", kill.pid},
          {"comm", kill.comm},
          {"score", optional_json(kill.score)},
          {"total_vm_kb", optional_json(kill.total_vm_kb)},
          {"anon_rss_kb", optional_json(kill.anon_rss_kb)},
          {"file_rss_kb", optional_json(kill.file_rss_kb)},
          {"shmem_rss_kb", optional_json(kill.shmem_rss_kb)},
          {"uid", optional_json(kill.uid)},
          {"pgtables_kb", optional_json(kill.pgtables_kb)},
          {"oom_score_adj", optional_json(kill.oom_score_adj)},
          {"memcg", kill.memcg},
          {"exited", kill.exited ? ordered_json(true) : ordered_json()},
          {"instead_of", id_json(kill.instead_of)}};
}

ordered_json json_of(const OomReap& reap) {
  return {{"line", reap.line},
          {"time_s", optional_json(reap.time_s)},
          {"pid", reap.pid},
          {"comm", reap.comm},
          {"succeeded", reap.succeeded},
          {"after_kill_s", optional_json(reap.after_kill_s)}};
}

ordered_json json_of(const OomEpisode& episode) {
  return {{"line", episode.line},
          {"time_s", optional_json(episode.time_s)},
          {"invoker", id_json(episode.invoker)},
          {"gfp_mask", optional_json(episode.gfp_mask)},
          {"gfp_flags", episode.gfp_flags},
          {"order", optional_json(episode.order)},
          {"oom_score_adj", optional_json(episode.oom_score_adj)},
          {"constraint", optional_json(episode.constraint)},
          {"sysrq", episode.sysrq},
          {"memcg", optional_json(episode.memcg)},
          {"task_memcg", optional_json(episode.task_memcg)},
          {"chosen", id_json(episode.chosen)},
          {"kill_line_known", optional_json(episode.kill_line_known)},
          {"no_killable", episode.no_killable},
          {"panicked", episode.panicked},
          {"uncertain", episode.uncertain},
          {"zones", list_json(episode.zones, zone_json)},
          {"tasks", list_json(episode.tasks, task_json)},
          {"kills", list_json(episode.kills, [](const OomKill& kill) { return json_of(kill); })},
          {"reaped", list_json(episode.reaped, [](const OomReap& reap) { return json_of(reap); })}};
}

ordered_json json_of(const MemAlloc& report) {
  return {{"line", report.line},
          {"time_s", optional_json(report.time_s)},
          {"stalling", report.stalling},
          {"dying", report.dying},
          {"victim", report.victim},
          {"exiting", optional_json(report.exiting)},
          {"oom_count", optional_json(report.oom_count)},
          {"tasks", list_json(report.tasks, stalled_json)}};
}

ordered_json json_of(const AllocTrouble& trouble) {
  return {{"line", trouble.line},
          {"time_s", optional_json(trouble.time_s)},
          {"comm", trouble.comm},
          {"stalled_s", optional_json(trouble.stalled_s)},
          {"order", optional_json(trouble.order)},
          {"gfp_mask", optional_json(trouble.gfp_mask)}};
}

ordered_json json_of(const SysRq& sysrq) {
  return {{"line", sysrq.line},
          {"time_s", optional_json(sysrq.time_s)},
          {"name", sysrq.name},
          {"key", sysrq.key == '\0' ? ordered_json() : ordered_json(std::string(1, sysrq.key))},
          {"last_line", optional_json(sysrq.last_line)},
          {"zones", list_json(sysrq.zones, zone_json)},
          {"locks", list_json(sysrq.locks, locks_json)}};
}

ordered_json json_of(const HungTask& hung) {
  return {{"line", hung.line},
          {"time_s", optional_json(hung.time_s)},
          {"comm", hung.comm},
          {"pid", hung.pid},
          {"blocked_s", hung.blocked_s}};
}

ordered_json json_of(const Lockup& lockup) {
  return {{"line", lockup.line},
          {"time_s", optional_json(lockup.time_s)},
          {"kind", to_string(lockup.kind)},
          {"cpu", optional_json(lockup.cpu)},
          {"stuck_s", optional_json(lockup.stuck_s)},
          {"comm", text_or_null(lockup.comm)}};
}

ordered_json json_of(const TaskStack& stack) {
  return {{"line", stack.line},
          {"last_line", stack.last_line},
          {"time_s", optional_json(stack.time_s)},
          {"comm", text_or_null(stack.comm)},
          {"pid", stack.pid < 0 ? ordered_json() : ordered_json(stack.pid)},
          {"state", text_or_null(stack.state)},
          {"ppid", optional_json(stack.ppid)},
          {"tgid", optional_json(stack.tgid)},
          {"flags", optional_json(stack.flags)},
          {"frames", list_json(stack.frames, frame_json)}};
}

ordered_json json_of(const Hang& hang) {
  return {{"kind", hang.kind},
          {"cause", optional_json(hang.cause)},
          {"start_s", optional_json(hang.start_s)},
          {"end_s", optional_json(hang.end_s)},
          {"duration_s", optional_json(hang.duration_s)},
          {"censored", hang.censored},
          {"ended_by", optional_json(hang.ended_by)},
          {"uncertain", hang.uncertain},
          {"lines", hang.lines}};
}

ordered_json json_of(const Finding& finding) {
  return {{"id", finding.id},
          {"text", finding.text},
          {"certainty", to_string(finding.certainty)},
          {"lines", finding.lines}};
}

}  // namespace hangar::log
