// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/sequence.h"

#include <algorithm>
#include <charconv>
#include <random>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/scenario/args.h"

namespace hangar::scenario {
namespace {

// What the guest's init takes of one step (images/guest/init.c: MAX_ARGS, serve()), less the folder of the
// program.
constexpr std::size_t most_args = 29;
constexpr std::size_t most_arg_bytes = 1700;

bool has_controls(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

// A command to the guest is one line, with tabs between its words.
Result<void> check_args(const Yaml& yaml, const Reproducer& reproducer) {
  if (reproducer.args.size() > most_args)
    return yaml.error(fmt::format("a step has at most {} arguments", most_args));
  std::size_t bytes = reproducer.program.size();
  for (const auto& [key, value] : reproducer.args) {
    bytes += key.size() + value.size() + 4;
    if (has_controls(key) || has_controls(value))
      return yaml.error("an argument of a step must not contain control characters");
  }
  if (bytes <= most_arg_bytes) return {};
  return yaml.error(fmt::format("the arguments of a step have at most {} bytes", most_arg_bytes));
}

std::string name_of_program(const std::string& program) {
  const fs::path file = program;
  return (file.extension() == ".c" ? file.stem() : file.filename()).string();
}

Result<int> read_times(const Yaml& yaml) {
  TRY_ASSIGN(const std::int64_t times, yaml.integer());
  if (times < 1 || times > static_cast<std::int64_t>(most_step_runs))
    return yaml.error(fmt::format("expected 1 to {} times", most_step_runs));
  return static_cast<int>(times);
}

Result<Step> read_step(const Yaml& yaml) {
  TRY(yaml.only_keys({"program", "args", "command", "times", "name", "may-fail"}));
  Step step;
  TRY_ASSIGN(step.reproducer, read_program(yaml));
  TRY(check_args(yaml, step.reproducer));
  step.name = step.reproducer.command.empty() ? name_of_program(step.reproducer.program) : "command";
  if (const auto name = yaml.get("name")) {
    TRY_ASSIGN(step.name, name->name());
  }
  if (const auto times = yaml.get("times")) {
    TRY_ASSIGN(step.times, read_times(*times));
  }
  if (const auto may_fail = yaml.get("may-fail")) {
    TRY_ASSIGN(step.may_fail, may_fail->boolean());
  }
  return step;
}

}  // namespace

Result<Reproducer> read_program(const Yaml& yaml) {
  Reproducer reproducer;
  if (const auto command = yaml.get("command")) {
    if (yaml.get("program") || yaml.get("args"))
      return command->error("`command` and `program` are mutually exclusive: remove one of them");
    TRY_ASSIGN(reproducer.command, command->text());
    reproducer.place = command->error("");
    const auto good = check_command(reproducer.command);
    return good ? Result<Reproducer>(reproducer) : command->error(good.error().message);
  }
  TRY_ASSIGN(const Yaml program, yaml.need("program"));
  TRY_ASSIGN(reproducer.program, program.text());
  if (reproducer.program.empty()) return program.error("expected the name of a program");
  reproducer.place = program.error("");
  TRY_ASSIGN(reproducer.args, read_args(yaml));
  return reproducer;
}

Result<std::vector<Step>> read_sequence(const Yaml& yaml) {
  if (!yaml.is_list()) return yaml.error("expected a list of steps, such as `- program: NAME`");
  const std::vector<Yaml> items = yaml.items();
  if (items.empty() || items.size() > most_steps)
    return yaml.error(fmt::format("expected 1 to {} steps", most_steps));
  std::vector<Step> steps;
  std::size_t runs = 0;
  for (const Yaml& item : items) {
    TRY_ASSIGN(Step step, read_step(item));
    runs += static_cast<std::size_t>(step.times);
    steps.push_back(std::move(step));
  }
  if (runs <= most_step_runs) return steps;
  return yaml.error(
      fmt::format("with their `times`, the steps run {} times; the limit is {}", runs, most_step_runs));
}

std::vector<int> steps_in_order(const Scenario& scenario) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < scenario.sequence.size(); ++i) {
    const auto times = static_cast<std::size_t>(scenario.sequence[i].times);
    numbers.insert(numbers.end(), times, static_cast<int>(i) + 1);
  }
  return numbers;
}

std::vector<int> shuffled(std::vector<int> steps, std::uint64_t seed) {
  // std::shuffle differs between libraries.
  std::mt19937_64 random(seed);
  for (std::size_t i = steps.size(); i > 1; --i) std::swap(steps[i - 1], steps[random() % i]);
  return steps;
}

Result<std::vector<int>> parse_steps(const std::string& text) {
  std::vector<int> steps;
  for (const std::string_view word : split(text, ',')) {
    int number = 0;
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool whole = fault == std::errc() && end == word.data() + word.size();
    if (!whole || number < 1 || number > static_cast<int>(most_steps)) {
      return user_error(fmt::format("`{}` is not the number of a step: expected numbers such as 1,2,4",
                                    sanitize_for_terminal(word)));
    }
    steps.push_back(number);
  }
  if (steps.size() <= most_step_runs) return steps;
  return user_error(fmt::format("{} steps: the limit is {}", steps.size(), most_step_runs));
}

Result<void> check_steps(const Scenario& scenario, const std::vector<int>& steps) {
  if (steps.empty()) return {};
  if (scenario.sequence.empty())
    return user_error(fmt::format("--steps: the scenario {} is not a sequence", scenario.name));
  const int highest = *std::max_element(steps.begin(), steps.end());
  if (highest <= static_cast<int>(scenario.sequence.size())) return {};
  return user_error(fmt::format("--steps: the scenario {} has {} steps, and no step {}", scenario.name,
                                scenario.sequence.size(), highest));
}

}  // namespace hangar::scenario
