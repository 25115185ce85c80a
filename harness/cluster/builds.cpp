// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/builds.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/experiment/plan.h"
#include "harness/store/run_directory.h"

namespace hangar::cluster {
namespace {

constexpr int most_cpus = 8;
constexpr std::uint64_t gib = 1ull << 30;
constexpr std::uint64_t mib = 1ull << 20;
constexpr std::chrono::seconds ask_every{5};

Result<std::vector<std::string>> missing_kernels(const run::Request& request) {
  TRY_ASSIGN(const experiment::Plan plan, experiment::plan(request));
  std::vector<std::string> missing;
  for (const auto& kernel : plan.kernels)
    if (!kernel.plan.cached) missing.push_back(kernel.name);
  return missing;
}

// The last lines of what the jobs printed.
std::string last_words(const fs::path& folder) {
  std::string words;
  for (const fs::Entry& entry : fs::list_or_empty(folder)) {
    constexpr std::size_t most = 2000;
    const std::string text = read_file(entry.path()).value_or("");
    words += text.substr(text.size() - std::min(text.size(), most));
  }
  return sanitize_lines(words);
}

Result<void> wait_for_jobs(const std::string& name, Slurm& slurm, run::Observer& observer) {
  while (true) {
    if (Cancel::wait(ask_every)) return interrupted_error();
    const auto queue = slurm.queue(name);
    if (!queue) continue;  // that shows nothing about the jobs
    const auto in_state = [&](JobState state) {
      return std::count_if(queue->begin(), queue->end(),
                           [&](const auto& job) { return job.second.state == state; });
    };
    const auto running = in_state(JobState::running);
    const auto waiting = in_state(JobState::waiting);
    if (running + waiting == 0) return {};
    observer.on_progress(fmt::format("kernels are built as jobs: {} running, {} waiting", running, waiting));
  }
}

}  // namespace

bool nodes_see(const Home& home, const fs::path& shared) {
  const fs::path folder = home.cache.parent_path();
  if (shared.empty() || folder / "cache" != home.cache || folder / "state" != home.state) return false;
  const auto inside = fs::weakly_canonical(folder);
  const auto outside = fs::weakly_canonical(shared);
  return inside && outside && inside->string().starts_with(outside->string() + "/");
}

std::string build_script(const fs::path& program, const run::Request& request,
                         const std::vector<std::string>& kernels, int cpus) {
  std::string script = "#!/bin/sh\ncase $SLURM_ARRAY_TASK_ID in\n";
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    std::vector<std::string> words = {program.string(), "build", kernels[i], "--jobs", std::to_string(cpus)};
    if (!request.memalloc_info) words.emplace_back("--no-memalloc-info");
    words.insert(words.end(), {"--quiet", "--home", request.home.cache.parent_path().string()});
    script += fmt::format("{}) exec {} ;;\n", i, shell_line(words));
  }
  return script + "esac\n";
}

JobOptions build_options(const std::vector<NodeGroup>& nodes, const Site& site) {
  JobOptions options;
  std::uint64_t memory_mib = 1;
  for (const NodeGroup& group : usable_nodes(nodes, site.partition)) {
    if (group.cpus < options.cpus) continue;
    options.cpus = std::min(group.cpus, most_cpus);
    memory_mib = static_cast<std::uint64_t>(std::max(group.memory_mib, 1));
  }
  options.memory_bytes = std::min(static_cast<std::uint64_t>(options.cpus) * gib, memory_mib * mib);
  options.partition = site.partition;
  options.account = site.account;
  options.constraint = site.constraint;
  return options;
}

Result<void> build_as_jobs(const run::Request& request, const Site& site, const fs::path& program,
                           Slurm& slurm, run::Observer& observer) {
  if (!nodes_see(request.home, site.shared)) return {};
  TRY_ASSIGN(const auto kernels, missing_kernels(request));
  if (kernels.empty()) return {};
  TRY_ASSIGN(const auto nodes, slurm.nodes());
  JobOptions options = build_options(nodes, site);
  options.name = "hangar-build-" + store::new_id();
  const fs::path log = site.shared / "builds" / options.name;
  TRY(fs::create_directories(log));
  options.output = log / "%a.log";
  const std::string script = build_script(program, request, kernels, options.cpus);
  TRY_ASSIGN(const int id, slurm.submit(script, static_cast<int>(kernels.size()), options));
  observer.note(fmt::format("job {} builds {}", id, fmt::join(kernels, ", ")));
  TRY(wait_for_jobs(options.name, slurm, observer));
  TRY_ASSIGN(const auto left, missing_kernels(request));
  if (!left.empty()) {
    return user_error(fmt::format("job {} did not build {}; see {}", id, fmt::join(left, ", "), log.string()),
                      last_words(log));
  }
  return fs::remove_all(log);
}

}  // namespace hangar::cluster
