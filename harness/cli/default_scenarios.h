// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

namespace hangar::cli {

// OOM kills, a memcg, swap and slab: what a patch of memory management may break. They need the config
// fragment `memcg`.
inline const std::vector<std::string>& default_scenarios() {
  static const std::vector<std::string> names = {"oom-kill", "oom-storm", "memcg-oom", "swap-thrash-livelock",
                                                 "slab-churn"};
  return names;
}

}  // namespace hangar::cli
