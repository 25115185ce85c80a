// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/json.h"

#include "harness/base/json.h"

namespace hangar::log {
namespace {

using nlohmann::ordered_json;

ordered_json id_json(const std::optional<TaskId>& id) {
  if (!id) return {};
  return {{"comm", id->comm}, {"pid", id->pid < 0 ? ordered_json() : ordered_json(id->pid)}};
}

template <typename T, typename F>
ordered_json list_json(const std::vector<T>& items, F one) {
  ordered_json out = ordered_json::array();
  for (const auto& item : items) out.push_back(one(item));
  return out;
}

ordered_json statements_json(const std::vector<Statement>& list) {
  return list_json(list, [](const Statement& one) {
    return ordered_json{{"id", one.id}, {"text", one.text}};
  });
}

ordered_json zone_json(const ZoneCheck& zone) {
  return {{"line", zone.line},
          {"node", or_null(zone.node)},
          {"zone", zone.zone},
          {"free_kb", or_null(zone.free_kb)},
          {"min_kb", or_null(zone.min_kb)},
          {"high_kb", or_null(zone.high_kb)},
          {"reserve_kb", or_null(zone.reserve_kb)},
          {"unusable_kb", or_null(zone.unusable_kb)},
          {"blocks", or_null(zone.blocks)},
          {"state", zone.state}};
}

ordered_json rows_json(const std::vector<MemoryRow>& rows) {
  return list_json(rows, [](const MemoryRow& row) {
    return ordered_json{{"id", row.id}, {"name", row.name}, {"amount", row.amount}};
  });
}

ordered_json memory_json(const std::optional<MemoryTable>& table) {
  if (!table) return {};
  return {{"unit", table->group ? "kB" : "pages"},
          {"total", or_null(table->total)},
          {"rows", rows_json(table->rows)},
          {"parts", rows_json(table->parts)},
          {"unaccounted", or_null(table->unaccounted)},
          {"unowned", or_null(table->unowned)}};
}

ordered_json program_json(const Program& program) {
  return {{"name", program.name},
          {"count", program.count},
          {"rss", or_null(program.rss)},
          {"swap", or_null(program.swap)},
          {"page_tables", or_null(program.page_tables)},
          {"points", or_null(program.points)},
          {"least_adj", program.least_adj},
          {"most_adj", program.most_adj}};
}

ordered_json score_json(const Score& score) {
  return {{"rss", or_null(score.rss)},
          {"swap", or_null(score.swap)},
          {"page_tables", or_null(score.page_tables)},
          {"oom_score_adj", or_null(score.adj)},
          {"total_pages", or_null(score.total_pages)},
          {"points", or_null(score.points)}};
}

ordered_json victim_json(const Victim& victim) {
  return {{"line", victim.line},
          {"task", id_json(victim.id)},
          {"score", score_json(victim.score)},
          {"printed_score", or_null(victim.printed_score)},
          {"largest", or_null(victim.largest)},
          {"larger", id_json(victim.larger)},
          {"resident_kb", or_null(victim.resident_kb)},
          {"anon_rss_kb", or_null(victim.anon_kb)},
          {"file_rss_kb", or_null(victim.file_kb)},
          {"shmem_rss_kb", or_null(victim.shmem_kb)},
          {"reaped", or_null(victim.reaped)},
          {"reaped_after_s", or_null(victim.reaped_after_s)},
          {"left_anon_rss_kb", or_null(victim.left_anon_kb)},
          {"left_file_rss_kb", or_null(victim.left_file_kb)},
          {"left_shmem_rss_kb", or_null(victim.left_shmem_kb)}};
}

}  // namespace

ordered_json json_of(const Explanation& e) {
  return {{"number", e.number},
          {"line", e.line},
          {"last_line", e.last_line},
          {"time_s", or_null(e.time_s)},
          {"since_last_s", or_null(e.since_last_s)},
          {"kernel_release", or_null(e.kernel_release)},
          {"invoker", id_json(e.invoker)},
          {"order", or_null(e.order)},
          {"page_kb", or_null(e.page_kb)},
          {"scope", e.scope},
          {"group", or_null(e.group)},
          {"task_group", or_null(e.task_group)},
          {"cause", statements_json(e.cause)},
          {"zones", list_json(e.zones, zone_json)},
          {"memory", memory_json(e.memory)},
          {"processes", e.processes},
          {"programs", list_json(e.programs, program_json)},
          {"more_programs", e.more_programs},
          {"exempt", list_json(e.exempt, program_json)},
          {"exempt_processes", e.exempt_processes},
          {"exempt_rss", or_null(e.exempt_rss)},
          {"victims", list_json(e.victims, victim_json)},
          {"more_victims", e.more_victims},
          {"choice", statements_json(e.choice)},
          {"freed", statements_json(e.freed)},
          {"next", statements_json(e.next)},
          {"missing", statements_json(e.missing)}};
}

}  // namespace hangar::log
