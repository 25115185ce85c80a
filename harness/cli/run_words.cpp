// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/run_words.h"

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::cli {
namespace {

class Words {
 public:
  void add(const std::string& word) { words_.push_back(word); }
  void add(const char* option, const std::string& value) {
    if (value.empty()) return;
    words_.emplace_back(option);
    words_.push_back(value);
  }
  template <typename T>
  void add(const char* option, const std::optional<T>& value) {
    if (value) add(option, fmt::format("{}", *value));
  }
  void flag(const char* option, bool given) {
    if (given) words_.emplace_back(option);
  }
  [[nodiscard]] std::string text() const { return shell_line(words_); }

 private:
  std::vector<std::string> words_ = {"hangar", "run"};
};

void add_machine(const scenario::MachineChanges& machine, Words& words) {
  if (machine.memory_bytes) words.add("--memory", fmt::format("{}MiB", *machine.memory_bytes >> 20));
  words.add("--cpus", machine.cpus);
  words.add("--disk", machine.disk);
  words.add("--disk-iops", machine.disk_iops);
  if (machine.image) words.add("--image", to_text(*machine.image));
  if (machine.accel) words.add("--accel", std::string(to_string(*machine.accel)));
}

}  // namespace

std::string command_of(const run::Request& request) {
  Words words;
  for (const std::string& scenario : request.scenarios) words.add(scenario);
  for (const std::string& kernel : request.kernels) words.add("--kernel", kernel);
  words.flag("--no-memalloc-info", !request.memalloc_info);
  words.flag("--matrix", request.matrix);
  words.add("--expect", request.expect);
  words.add("--append", request.append);
  if (request.exec) words.add("--exec", request.exec->string());
  words.add("--command", request.command);
  words.flag("--locked", request.locked);
  for (const auto& [key, value] : request.args) words.add("--arg", key + "=" + value);
  std::vector<std::string> steps;
  for (const int step : request.steps) steps.push_back(std::to_string(step));
  words.add("--steps", join(steps, ","));
  add_machine(request.machine, words);
  words.add("--repeat", request.repeat);
  words.flag("--until-hang", request.until_hang);
  words.add("--until-confident", request.until_confident);
  if (request.boot) words.add("--boot", std::string(to_string(*request.boot)));
  if (request.guests > 0) words.add("--guests", std::to_string(request.guests));
  words.flag("--exclusive", request.exclusive);
  words.add("--seed", request.seed);
  return words.text();
}

}  // namespace hangar::cli
