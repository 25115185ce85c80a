// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hangar::experiment {

// Spreads runs over the URIs of libvirt: each goes to the one where the fewest run, and among these to the
// one that had the fewest runs of its cell, so that every cell has as many runs on each host. Pure.
class Rota {
 public:
  explicit Rota(const std::vector<std::string>& uris);

  // The URI of a run of this cell; empty: the embedded driver.
  [[nodiscard]] std::string take(std::size_t cell);
  // A run on it has ended.
  void give_back(const std::string& uri);

 private:
  struct Host {
    std::string uri;
    int running = 0;
    std::map<std::size_t, int> runs;  // by cell
  };
  std::vector<Host> hosts_;
};

}  // namespace hangar::experiment
