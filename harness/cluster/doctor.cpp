// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/doctor.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "harness/cluster/share.h"

namespace hangar::cluster {
namespace {

std::string value_of(const std::map<std::string, std::string>& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() ? "not known" : found->second;
}

Finding check_site() {
  const auto file = site_file();
  return {"hangar.yaml", file ? "ok" : "note",
          file ? file->string() : "none: --shared and other options are required with each command"};
}

Finding check_commands() {
  std::vector<std::string> missing;
  for (const char* program : {"sbatch", "squeue", "scancel", "scontrol", "sinfo"})
    if (!find_program(program)) missing.emplace_back(program);
  if (missing.empty()) return {"slurm commands", "ok", "sbatch, squeue, scancel, scontrol, sinfo"};
  return {"slurm commands", "missing", "not in PATH: " + join(missing, ", ")};
}

Finding check_shared(const fs::path& shared) {
  const char* name = "shared folder";
  if (shared.empty())
    return {name, "missing", "not set: `shared` in hangar.yaml, or --shared (`hangar help cluster`)"};
  if (!fs::is_directory(shared)) return {name, "missing", shared.string() + " is not a folder"};
  const auto ahead = clock_ahead_of(shared);
  if (!ahead) return {name, "missing", ahead.error().message};
  const auto free = free_bytes(shared);
  constexpr double gib = 0x1p30;
  constexpr double most_ahead_s = 1;
  const std::string clock = std::abs(*ahead) < most_ahead_s
                                ? ""
                                : fmt::format("; this host's clock is {:.0f} s {} that of the folder",
                                              std::abs(*ahead), *ahead > 0 ? "ahead of" : "behind");
  return {name, clock.empty() ? "ok" : "note",
          fmt::format("{}, {:.1f} GiB free{}", shared.string(), static_cast<double>(free ? *free : 0) / gib,
                      clock)};
}

}  // namespace

Finding check_config(const std::map<std::string, std::string>& config) {
  static const Version oldest = {22, 5};
  const std::string version = value_of(config, "SLURM_VERSION");
  const std::string text =
      fmt::format("Slurm {}, MaxArraySize {}, JobRequeue {}, {}", version, value_of(config, "MaxArraySize"),
                  value_of(config, "JobRequeue"), value_of(config, "SelectType"));
  if (parse_version(version) < oldest) return {"controller", "missing", text + "; 22.05 or later is needed"};
  return {"controller", "ok", text};
}

Finding check_memory(const std::map<std::string, std::string>& config) {
  const std::string plugins = value_of(config, "TaskPlugin");
  if (plugins.find("cgroup") != std::string::npos) return {"memory of jobs", "ok", plugins};
  return {"memory of jobs", "note",
          plugins + ": memory is allocated, not enforced (task/cgroup enforces it)"};
}

Finding check_nodes(const std::vector<NodeGroup>& groups, const std::string& partition) {
  constexpr int cpus = 2;
  constexpr std::uint64_t memory_bytes = 512ull << 20;
  const std::string named = partition.empty() ? "the default partition" : "partition " + partition;
  const auto usable = usable_nodes(groups, partition);
  if (usable.empty()) return {"nodes", "missing", named + " has no node that is up"};
  int nodes = 0;
  for (const NodeGroup& group : usable) nodes += group.nodes;
  return {"nodes", "ok",
          fmt::format("{}: {} nodes are up; {} guests with 2 vCPUs and 512 MiB at a time", named, nodes,
                      slots_of(usable, cpus, memory_bytes))};
}

std::vector<Finding> check_cluster(const Site& site) {
  std::vector<Finding> findings = {check_site(), check_commands(), check_shared(site.shared)};
  if (findings[1].status != "ok") return findings;
  const Slurm slurm;
  const auto config = slurm.config();
  if (!config) {
    findings.push_back({"controller", "missing", config.error().message});
    return findings;
  }
  findings.push_back(check_config(*config));
  findings.push_back(check_memory(*config));
  const auto nodes = slurm.nodes();
  findings.push_back(nodes ? check_nodes(*nodes, site.partition)
                           : Finding{"nodes", "missing", nodes.error().message});
  return findings;
}

}  // namespace hangar::cluster
