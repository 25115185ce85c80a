// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/explainer.h"

#include <algorithm>

#include "harness/log/explain/gfp.h"
#include "harness/log/explain/score.h"
#include "harness/log/explain/table.h"
#include "harness/log/explain/zones.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_history = 256;
constexpr std::size_t max_programs = 64;

OomScope scope_of(const OomEpisode& episode) {
  if (episode.sysrq) return OomScope::sysrq;
  const auto& constraint = episode.constraint;
  if (constraint == "CONSTRAINT_MEMCG" || episode.memcg || !episode.report.counters.empty())
    return OomScope::group;
  if (constraint == "CONSTRAINT_CPUSET") return OomScope::cpuset;
  if (constraint == "CONSTRAINT_MEMORY_POLICY") return OomScope::policy;
  if (constraint == "CONSTRAINT_NONE") return OomScope::machine;
  if (!episode.kills.empty() && episode.kills.front().memcg) return OomScope::group;
  // Before 5.0 the constraint is not printed, but the nodes of a memory policy are.
  if (episode.nodemask && *episode.nodemask != "(null)") return OomScope::policy;
  return episode.report.line != 0 || !episode.kills.empty() ? OomScope::machine : OomScope::unknown;
}

void add_programs(const OomEpisode& episode, Explanation& out) {
  out.processes = episode.tasks.size();
  out.programs = programs_of(episode.tasks, out.page_kb, true);
  out.exempt = programs_of(episode.tasks, out.page_kb, false);
  if (out.programs.size() > max_programs) {
    out.more_programs = out.programs.size() - max_programs;
    out.programs.resize(max_programs);
  }
  if (!out.exempt.empty()) out.exempt_rss = 0;
  for (const auto& one : out.exempt) {
    out.exempt_processes += one.count;
    out.exempt_rss = out.exempt_rss && one.rss ? Number(*out.exempt_rss + *one.rss) : Number();
  }
  if (out.exempt.size() > max_programs) out.exempt.resize(max_programs);
}

}  // namespace

void OomExplainer::remember(const OomEpisode& episode, const Explanation& out) {
  history_.last_s = episode.kills.empty() ? episode.time_s : episode.kills.back().time_s;
  for (const auto& victim : out.victims) {
    if (history_.kills.size() >= max_history) history_.kills.erase(history_.kills.begin());
    history_.kills.push_back({victim.id.pid, victim.resident_kb});
  }
}

void OomExplainer::explain(const OomEpisode& episode) {
  Explanation out;
  out.number = ++episodes_;
  out.line = episode.line;
  out.last_line = std::max(episode.line, episode.last_line);
  out.time_s = episode.time_s;
  if (episode.time_s && history_.last_s) out.since_last_s = *episode.time_s - *history_.last_s;
  out.kernel_release = release_;
  out.invoker = episode.invoker;
  out.order = episode.order;
  out.page_kb = page_kb_of(episode);
  out.scope = scope_of(episode);
  out.group = episode.memcg;
  out.task_group = episode.task_memcg;
  const Gfp gfp = decode_gfp(episode.gfp_flags, episode.gfp_mask.value_or(""));
  if (out.scope != OomScope::group && out.scope != OomScope::sysrq) out.zones = check_zones(episode, gfp);
  out.memory = memory_table(episode);
  add_programs(episode, out);
  explain_cause(episode, gfp, out);
  explain_victims(episode, history_, out);
  explain_freed(episode, history_, out);
  suggest(episode, out);
  list_missing(episode, out);
  remember(episode, out);
  sink_(std::move(out));
}

void OomExplainer::on(const Event& event) {
  if (const auto* boot = std::get_if<BootStarted>(&event.body)) {
    if (!boot->same_boot) {
      release_.reset();
      history_ = {};
    }
    if (!boot->kernel_release.empty()) release_ = boot->kernel_release;
  } else if (const auto* episode = std::get_if<OomEpisode>(&event.body)) {
    explain(*episode);
  }
}

}  // namespace hangar::log
