// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/command_help.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/cli/page.h"
#include "harness/cli/terminal.h"
#include "harness/cli/topics.h"
#include "harness/scenario/scenario.h"

namespace hangar::cli {
namespace {

constexpr size_t columns = 80;

const Subcommand* find_listed(const std::string& name) {
  for (const Subcommand& command : subcommands()) {
    if (command.summary != nullptr && command.name == name) return &command;
  }
  return nullptr;
}

using Lines = std::vector<std::pair<std::string, std::string>>;  // name, summary

// One line each; a summary that is too long is cut.
std::string section(const std::string& title, const Lines& lines) {
  size_t widest = 0;
  for (const auto& [name, summary] : lines) widest = std::max(widest, name.size());
  std::string out = "\n" + title + ":\n";
  for (const auto& [name, summary] : lines) {
    const std::string line = fmt::format("  {:<{}}  {}", name, widest, sanitize_for_terminal(summary));
    out += ellipsize(line.substr(0, line.find_last_not_of(' ') + 1), columns) + "\n";
  }
  return out;
}

std::string scenario_about(const std::string& tree, const std::string& name) {
  const auto scenario = scenario::load_scenario(tree, name);
  return scenario ? scenario->about : "";
}

std::string overview(const std::string& tree, const std::vector<Topic>& topics) {
  Lines commands;
  for (const Subcommand& command : subcommands()) {
    if (command.summary != nullptr) commands.emplace_back(command.name, command.summary);
  }
  Lines subjects;
  Lines reproducers;
  for (const Topic& topic : topics) {
    if (topic.kind == Topic::Kind::subject) subjects.emplace_back(topic.name, topic_summary(topic));
    if (topic.kind == Topic::Kind::reproducer)
      reproducers.emplace_back(topic.name, scenario_about(tree, topic.name));
  }
  return "Usage: hangar help TOPIC\n" + section("Commands", commands) + section("Subjects", subjects) +
         section("Reproducers, with what was measured", reproducers);
}

Result<int> print_page(const Topic& topic) {
  TRY_ASSIGN(std::string text, read_file(topic.file));
  const Subcommand* command = topic.kind == Topic::Kind::command ? find_listed(topic.name) : nullptr;
  if (command != nullptr) text = fill_page(text, describe(*command));
  const Terminal terminal(/*quiet=*/false, /*no_color=*/false);
  print_out("{}", sanitize_lines(render_page(text, std::min<size_t>(terminal.width(), 100))));
  return 0;
}

}  // namespace

Result<int> help_command(const Args& args) {
  Options options("help",
                  "Prints the page of a command, a subject or a reproducer. Without TOPIC: lists them.",
                  "  hangar help\n  hangar help log\n  hangar help hangs");
  std::string name;
  options.value("topic", name, "a command, a subject or a reproducer", "TOPIC");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (options.common().json) return user_error("`hangar help` has no JSON output");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const std::vector<Topic> topics = find_topics(tree);
  if (name.empty()) {
    print_out("{}", overview(tree, topics));
    return 0;
  }
  std::vector<std::string> names;
  for (const Topic& topic : topics) {
    if (topic.name == name) return print_page(topic);
    names.push_back(topic.name);
  }
  return user_error(
      fmt::format("no topic `{}`{}; `hangar help` lists the topics", name, did_you_mean(name, names)));
}

}  // namespace hangar::cli
