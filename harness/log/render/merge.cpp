// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/merge.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace hangar::log {
namespace {

// The detector runs every few seconds, and prints whole ones.
constexpr double tolerance_s = 5;

bool goes_on(const HungTask& last, const HungTask& next) {
  if (!last.blocked_s || !next.blocked_s || *next.blocked_s < *last.blocked_s) return false;
  const double grown_s = *next.blocked_s - *last.blocked_s;
  if (!last.time_s || !next.time_s) return grown_s > 0;
  return std::abs(*next.time_s - *last.time_s - grown_s) <= tolerance_s;
}

}  // namespace

std::vector<HungTaskSeries> merge(const std::vector<HungTask>& reports) {
  std::vector<HungTaskSeries> out;
  std::map<std::pair<std::int64_t, std::string>, std::size_t> open;
  for (const HungTask& report : reports) {
    const auto [at, fresh] = open.try_emplace({report.pid, report.comm}, out.size());
    if (!fresh && goes_on(out[at->second].last, report)) {
      out[at->second].last = report;
      ++out[at->second].count;
      continue;
    }
    at->second = out.size();
    out.push_back({report, report, 1});
  }
  return out;
}

std::vector<KillSeries> merge(const std::vector<OomKill>& kills) {
  std::vector<KillSeries> out;
  std::map<std::pair<std::int64_t, std::string>, std::size_t> seen;
  for (const OomKill& kill : kills) {
    const auto [at, fresh] = seen.try_emplace({kill.pid, kill.comm}, out.size());
    if (!fresh && kill.pid >= 0) {
      ++out[at->second].count;
    } else {
      out.push_back({kill, 1});
    }
  }
  return out;
}

}  // namespace hangar::log
