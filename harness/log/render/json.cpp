// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/json.h"

#include "harness/base/json.h"
#include "harness/log/render/json_parts.h"
#include "harness/log/render/merge.h"

namespace hangar::log {
namespace {

template <typename T>
ordered_json list_of(const std::vector<T>& items) {
  ordered_json out = ordered_json::array();
  for (const auto& item : items) out.push_back(json_of(item));
  return out;
}

ordered_json json_of_boot(const Boot& boot) {
  return {{"line", boot.line},
          {"last_line", boot.last_line},
          {"kernel_release", or_null(boot.kernel_release)},
          {"build_id", or_null(boot.build_id)},
          {"clock", boot.wall_clock ? "wall" : "printk"},
          {"first_s", or_null(boot.first_s)},
          {"last_s", or_null(boot.last_s)},
          {"from_start", boot.from_start},
          {"reached_init", boot.reached_init},
          {"panic", or_null(boot.panic)},
          {"crashes", list_of(boot.crashes)},
          {"oom", list_of(boot.oom)},
          {"memalloc", list_of(boot.memalloc)},
          {"allocation_troubles", list_of(boot.alloc_troubles)},
          {"sysrq", list_of(boot.sysrq)},
          {"hung_tasks", list_of(merge(boot.hung_tasks))},
          {"lockups", list_of(boot.lockups)},
          {"suppressed", list_of(boot.suppressed)},
          {"hangs", list_of(boot.hangs)},
          {"tasks", list_of(boot.tasks)},
          {"findings", list_of(boot.findings)}};
}

ordered_json left_out_json(const PartCounts& left_out) {
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < part_count; ++i) {
    const auto part = static_cast<Part>(i);
    out[name_of(part)] = left_out[part];
  }
  return out;
}

struct EventNamer {
  ordered_json operator()(const BootStarted& e) const {
    return {{"event", "boot"},
            {"kernel_release", or_null(e.kernel_release)},
            {"build_id", or_null(e.build_id)},
            {"same_boot", e.same_boot}};
  }
  ordered_json operator()(const InitStarted&) const { return {{"event", "init"}}; }
  ordered_json operator()(const BootEnded& e) const {
    return {{"event", "boot_end"}, {"first_s", or_null(e.first_s)}, {"last_s", or_null(e.last_s)}};
  }
  ordered_json operator()(const OomInvoked& e) const { return named("oom_invoked", json_of(e.head)); }
  ordered_json operator()(const OomKill& e) const { return named("oom_kill", json_of(e)); }
  ordered_json operator()(const OomReap& e) const { return named("oom_reap", json_of(e)); }
  ordered_json operator()(const OomEpisode& e) const { return named("oom", json_of(e)); }
  ordered_json operator()(const MemAlloc& e) const { return named("memalloc", json_of(e)); }
  ordered_json operator()(const AllocTrouble& e) const { return named("allocation_trouble", json_of(e)); }
  ordered_json operator()(const SysRq& e) const { return named("sysrq", json_of(e)); }
  ordered_json operator()(const SysRqOutput& e) const { return named("sysrq_output", json_of(e.action)); }
  ordered_json operator()(const HungTask& e) const { return named("hung_task", json_of(e)); }
  ordered_json operator()(const HungTaskBlocker& e) const {
    ordered_json out = {{"event", "hung_task_blocker"}, {"task", json_of(TaskId{e.comm, e.pid})}};
    out.update(json_of(e.blocker));
    return out;
  }
  ordered_json operator()(const Lockup& e) const { return named("lockup", json_of(e)); }
  ordered_json operator()(const LockupDetail& e) const {
    return {{"event", "lockup_detail"},
            {"rcu", json_of(e.rcu)},
            {"works", json_of(e.works)},
            {"task", json_of(e.task)}};
  }
  ordered_json operator()(const Suppressed& e) const { return named("suppressed", json_of(e)); }
  ordered_json operator()(const TaskStack& e) const { return named("task", json_of(e)); }
  ordered_json operator()(const Crash& e) const { return named("crash", json_of(e)); }
  ordered_json operator()(const Panic& e) const { return {{"event", "panic"}, {"reason", e.reason}}; }
  ordered_json operator()(const Damage& e) const {
    static constexpr const char* kinds[] = {"dropped",  "interleaved", "truncated", "elided",
                                            "replayed", "wrapped",     "repeated"};
    return {{"event", "damage"}, {"kind", kinds[static_cast<int>(e.kind)]}, {"messages", e.messages}};
  }
  ordered_json operator()(const Hang& e) const { return named("hang", json_of(e)); }
  ordered_json operator()(const Finding& e) const { return named("finding", json_of(e)); }
  ordered_json operator()(const LeftOut& e) const {
    return {{"event", "left_out"}, {"part", name_of(e.part)}, {"count", e.count}};
  }

  static ordered_json named(const char* name, const ordered_json& body) {
    ordered_json out = {{"event", name}};
    out.update(body);
    return out;
  }
};

}  // namespace

std::string to_json(const LogFacts& facts, const SourceInfo& source) {
  ordered_json boots = ordered_json::array();
  for (const auto& boot : facts.boots) boots.push_back(json_of_boot(boot));
  const auto& damage = facts.integrity;
  const ordered_json out = {{"schema", "hangar.log/1"},
                            {"source",
                             {{"path", source.path},
                              {"bytes", facts.bytes},
                              {"lines", facts.lines},
                              {"compression", source.compression == Compression::none
                                                  ? ordered_json()
                                                  : ordered_json(to_string(source.compression))}}},
                            {"boots", std::move(boots)},
                            {"integrity",
                             {{"dropped", damage.dropped},
                              {"interleaved", damage.interleaved},
                              {"truncated", damage.truncated},
                              {"elided", damage.elided},
                              {"replayed", damage.replayed},
                              {"wrapped", damage.wrapped},
                              {"repeated", damage.repeated}}},
                            {"left_out", left_out_json(facts.left_out)}};
  return json_text(out, 1) + "\n";
}

std::string to_json(const Event& event) {
  ordered_json out = std::visit(EventNamer{}, event.body);
  if (!out.contains("line")) out["line"] = event.line;
  if (!out.contains("time_s")) out["time_s"] = or_null(event.time_s);
  return json_text(out);
}

}  // namespace hangar::log
