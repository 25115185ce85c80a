// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/departures.h"

#include <algorithm>

namespace hangar::outcome {
namespace {

// Every task that could be killed is in it.
bool lists_everybody(const log::OomEpisode& episode) {
  return !episode.tasks.empty() && !episode.memcg && !episode.uncertain &&
         episode.constraint.value_or("CONSTRAINT_NONE") == "CONSTRAINT_NONE";
}

// The first list from `from` on that is not among those in `listing`.
std::size_t first_without(const std::vector<std::size_t>& listing, std::size_t from) {
  const auto begin = std::lower_bound(listing.begin(), listing.end(), from);
  std::size_t low = 0;
  auto high = static_cast<std::size_t>(listing.end() - begin);
  // Both rise, and the numbers in `listing` by at least one: they agree up to the first gap.
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (begin[static_cast<std::ptrdiff_t>(middle)] == from + middle) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return from + low;
}

std::optional<std::uint64_t> first_behind(const std::vector<std::uint64_t>& lines, std::uint64_t line) {
  const auto found = std::upper_bound(lines.begin(), lines.end(), line);
  return found == lines.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Departures::Departures(const log::LogFacts& facts, const Timeline& timeline) : timeline_(timeline) {
  for (const log::Boot& from : facts.boots) {
    Boot& boot = boots_.emplace_back();
    boot.line = from.line;
    boot.last_line = from.last_line;
    add_lists(from, boot);
    add_idle(from, boot);
  }
}

void Departures::add_lists(const log::Boot& from, Boot& boot) {
  std::vector<const log::OomEpisode*> episodes;
  for (const log::OomEpisode& episode : from.oom) {
    if (lists_everybody(episode)) episodes.push_back(&episode);
  }
  std::sort(episodes.begin(), episodes.end(), [](const auto* a, const auto* b) { return a->line < b->line; });
  for (const log::OomEpisode* episode : episodes) {
    const std::size_t number = boot.lists.size();
    boot.lists.push_back(episode->line);
    for (const log::OomTask& task : episode->tasks) {
      for (const std::int64_t pid : {task.pid, task.tgid.value_or(task.pid)}) {
        auto& numbers = boot.listing[pid];
        if (numbers.empty() || numbers.back() != number) numbers.push_back(number);
      }
    }
  }
}

void Departures::add_idle(const log::Boot& from, Boot& boot) {
  for (const log::MemAlloc& report : from.memalloc) {
    if (report.victim == 0 && report.dying == 0) boot.idle.push_back(report.line);
  }
  std::sort(boot.idle.begin(), boot.idle.end());
}

std::optional<double> Departures::gone_s(const verdict::OomKill& kill) const {
  const auto line = static_cast<std::uint64_t>(kill.line.line);
  const auto boot = std::partition_point(boots_.begin(), boots_.end(),
                                         [&](const Boot& one) { return one.last_line < line; });
  if (boot == boots_.end() || boot->line > line) return std::nullopt;
  std::optional<std::uint64_t> gone = first_behind(boot->idle, line);
  auto list = static_cast<std::size_t>(std::upper_bound(boot->lists.begin(), boot->lists.end(), line) -
                                       boot->lists.begin());
  if (const auto listing = boot->listing.find(kill.pid); listing != boot->listing.end())
    list = first_without(listing->second, list);
  if (list < boot->lists.size()) gone = std::min(gone.value_or(UINT64_MAX), boot->lists[list]);
  return gone ? std::optional(timeline_.host_s(*gone)) : std::nullopt;
}

}  // namespace hangar::outcome
