// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/word.h"

// hangar.yaml: the settings of a site. `hangar help cluster` describes them.
namespace hangar::cluster {

// Where guests run.
enum class Engine : std::uint8_t { local, slurm };

}  // namespace hangar::cluster

namespace hangar {
template <>
inline constexpr auto words_of<cluster::Engine> = std::to_array<std::string_view>({"local", "slurm"});
}  // namespace hangar

namespace hangar::cluster {

struct Site {
  Engine engine = Engine::local;
  std::vector<std::string> connect;        // engine `local`: URIs of libvirt; none: this host
  fs::path shared;                         // empty: none, so that engine `slurm` cannot be used
  fs::path node_folder;                    // on each node's own disk
  std::uint64_t node_bytes = 20ull << 30;  // of its copies of kernels and images
  std::string partition;
  std::string account;
  std::string constraint;
  std::string time_limit;
  std::chrono::milliseconds task{300000};  // work of a task
  int starts_per_minute = 10;
  int tasks_at_a_time = 1000;                  // in the queue
  int most_starts = 3;                         // of a run that never completes
  std::chrono::milliseconds settle{60000};     // until another host sees a file
  std::chrono::milliseconds patience{600000};  // with a shared folder that cannot be used
};

// `file` is for messages.
[[nodiscard]] Result<Site> parse_site(const std::string& text, const std::string& file);

// HANGAR_CONFIG, else hangar/hangar.yaml in XDG's folder, else /etc/hangar/hangar.yaml. The defaults if there
// is none; an error if HANGAR_CONFIG names a file that does not exist.
[[nodiscard]] Result<Site> load_site();
// The file that load_site() reads, if there is one.
[[nodiscard]] std::optional<fs::path> site_file();

}  // namespace hangar::cluster
