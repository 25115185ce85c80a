// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/slurm.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::cluster {
namespace {

// The controller answers within seconds, or the commands themselves give up after MessageTimeout.
constexpr std::chrono::minutes answer_deadline{2};

// The leading digits: sinfo prints "4+" for nodes with 4 or more.
int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A job that Slurm holds because it was requeued too often (max_batch_requeue, 5) or could not be launched
// stays in the queue and never runs.
bool is_given_up(std::string_view word, std::string_view reason) {
  static const std::set<std::string_view> held = {"REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"};
  static const std::set<std::string_view> reasons = {"JobHoldMaxRequeue", "launch failed requeued held",
                                                     "launch_failed_requeued_held"};
  return held.contains(word) || reasons.contains(reason);
}

JobState state_from(std::string_view word, std::string_view reason) {
  static const std::set<std::string_view> waiting = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED",
                                                     "POWER_UP_NODE"};
  static const std::set<std::string_view> running = {"RUNNING",   "COMPLETING", "SUSPENDED", "STOPPED",
                                                     "STAGE_OUT", "SIGNALING",  "RESIZING"};
  if (is_given_up(word, reason)) return JobState::ended;
  if (waiting.contains(word)) return JobState::waiting;
  if (running.contains(word)) return JobState::running;
  return JobState::ended;
}

Result<std::string> ask(std::vector<std::string> argv) {
  std::string output;
  Command command;
  command.argv = std::move(argv);
  command.deadline = answer_deadline;
  command.separate_stderr = false;
  command.on_line = [&](std::string_view line) { output.append(line).append("\n"); };
  TRY_ASSIGN(const Finished finished, run_checked(command));
  (void)finished;
  return output;
}

constexpr std::uint64_t mib = 1ull << 20;

std::uint64_t in_mib(std::uint64_t bytes) {
  return (bytes + mib - 1) / mib;
}

}  // namespace

Queue parse_queue(std::string_view squeue) {
  constexpr std::size_t fields = 5;
  Queue queue;
  for (const std::string_view line : split(squeue, '\n')) {
    const auto words = split(line, '|');
    if (words.size() < fields || number_in(words[0]) == 0) continue;
    const Job job{number_in(words[0]), number_in(words[1])};
    queue[job] = {state_from(words[2], words[4]), std::string(words[2]), std::string(words[4]),
                  std::string(words[3])};
  }
  return queue;
}

std::map<std::string, std::string> parse_config(std::string_view text) {
  std::map<std::string, std::string> config;
  for (const std::string_view line : split(text, '\n')) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    config.emplace(trim(line.substr(0, equals)), trim(line.substr(equals + 1)));
  }
  return config;
}

std::vector<NodeGroup> parse_nodes(std::string_view sinfo) {
  constexpr std::size_t fields = 7;
  std::vector<NodeGroup> groups;
  for (const std::string_view line : split(sinfo, '\n')) {
    const auto words = split(line, '|');
    if (words.size() < fields) continue;
    NodeGroup group;
    group.partition = words[0];
    group.is_default = group.partition.ends_with('*');
    if (group.is_default) group.partition.pop_back();
    group.up = words[1] == "up";
    group.state = words[2];
    group.nodes = number_in(words[3]);
    group.cpus = number_in(words[4]);
    group.memory_mib = number_in(words[5]);
    if (words[6] != "(null)") group.features = words[6];
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<NodeGroup> usable_nodes(const std::vector<NodeGroup>& groups, const std::string& partition) {
  // sinfo marks nodes that do not answer by "*" and others by further signs behind the word.
  static const std::set<std::string> usable = {"idle", "mixed", "allocated", "completing", "planned"};
  std::vector<NodeGroup> found;
  std::copy_if(groups.begin(), groups.end(), std::back_inserter(found), [&](const NodeGroup& group) {
    const bool chosen = partition.empty() ? group.is_default : group.partition == partition;
    return chosen && group.up && usable.contains(group.state);
  });
  return found;
}

int slots_of(const std::vector<NodeGroup>& groups, int cpus, std::uint64_t memory_bytes) {
  const auto need_mib = static_cast<int>(std::max<std::uint64_t>(1, in_mib(memory_bytes)));
  int slots = 0;
  for (const NodeGroup& group : groups)
    slots += group.nodes * std::min(group.cpus / std::max(1, cpus), group.memory_mib / need_mib);
  return std::max(1, slots);
}

std::vector<std::string> submit_words(int tasks, const JobOptions& options) {
  std::vector<std::string> words = {
      "--parsable",
      "--requeue",
      "--open-mode=append",
      "--nodes=1",
      "--ntasks=1",
      "--job-name=" + options.name,
      fmt::format("--array=0-{}{}", tasks - 1,
                  options.at_a_time > 0 ? fmt::format("%{}", options.at_a_time) : ""),
      fmt::format("--cpus-per-task={}", options.cpus),
      fmt::format("--mem={}M", in_mib(options.memory_bytes)),
      "--output=" + options.output.string()};
  const auto pass_on = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.push_back(fmt::format("--{}={}", name, value));
  };
  pass_on("partition", options.partition);
  pass_on("account", options.account);
  pass_on("constraint", options.constraint);
  pass_on("time", options.time_limit);
  pass_on("exclude", join(options.exclude, ","));
  if (options.exclusive) words.emplace_back("--exclusive");
  return words;
}

Result<int> Slurm::submit(const std::string& script, int tasks, const JobOptions& options) {
  TRY_ASSIGN(const fs::path parent, fs::temp_directory());
  TRY_ASSIGN(const TempDir folder, TempDir::make(parent, "hangar-submit"));
  const fs::path file = folder.path() / "script.sh";  // sbatch sends its text to the controller
  TRY(write_file(file, script));
  std::vector<std::string> argv = {"sbatch"};
  const auto words = submit_words(tasks, options);
  argv.insert(argv.end(), words.begin(), words.end());
  argv.push_back(file);
  TRY_ASSIGN(const std::string output, ask(std::move(argv)));
  // "1234" or "1234;cluster", behind any warnings.
  const auto lines = split(trim(output), '\n');
  const int id = number_in(lines.back());
  if (id == 0) return infra_error("sbatch did not print a job's id", output);
  return id;
}

Result<Queue> Slurm::queue(const std::string& name) {
  TRY_ASSIGN(const std::string output,
             ask({"squeue", "--array", "--noheader", "--states=all", fmt::format("--user={}", ::geteuid()),
                  "--name=" + name, fmt::format("--format={}", squeue_format)}));
  return parse_queue(output);
}

Result<void> Slurm::cancel(const std::string& name) {
  TRY(ask({"scancel", fmt::format("--user={}", ::geteuid()), "--name=" + name}));
  return {};
}

Result<std::map<std::string, std::string>> Slurm::config() const {
  TRY_ASSIGN(const std::string output, ask({"scontrol", "show", "config"}));
  return parse_config(output);
}

Result<std::vector<NodeGroup>> Slurm::nodes() const {
  TRY_ASSIGN(const std::string output,
             ask({"sinfo", "--noheader", fmt::format("--format={}", sinfo_format)}));
  return parse_nodes(output);
}

}  // namespace hangar::cluster
