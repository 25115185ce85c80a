// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/rota.h"

#include <algorithm>
#include <tuple>

namespace hangar::experiment {

Rota::Rota(const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) hosts_.push_back({uri, 0, {}});
}

std::string Rota::take(std::size_t cell) {
  if (hosts_.empty()) return "";
  const auto burden = [cell](Host& host) { return std::tuple(host.running, host.runs[cell]); };
  const auto host =
      std::min_element(hosts_.begin(), hosts_.end(), [&](Host& a, Host& b) { return burden(a) < burden(b); });
  ++host->running;
  ++host->runs[cell];
  return host->uri;
}

void Rota::give_back(const std::string& uri) {
  for (Host& host : hosts_) {
    if (host.uri == uri) --host.running;
  }
}

}  // namespace hangar::experiment
