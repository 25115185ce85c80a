// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/cli/page.h"
#include "harness/cli/terminal.h"
#include "harness/cli/topics.h"

namespace hangar::cli {
namespace {

// A command whose name is also a topic shows the topic: `hangar COMMAND -h` shows its options.
std::vector<const Subcommand*> listed_commands() {
  std::vector<const Subcommand*> commands;
  for (const Subcommand& command : subcommands()) {
    if (command.summary != nullptr) commands.push_back(&command);
  }
  return commands;
}

}  // namespace

Result<int> help_command(const Args& args) {
  if (wants_json(args)) return user_error("hangar help prints text and has no JSON output");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const std::vector<Topic> topics = find_topics(tree);
  std::vector<std::string> names;
  for (const Topic& topic : topics) names.push_back(topic.name);
  std::vector<std::string> commands;
  for (const Subcommand* command : listed_commands()) commands.emplace_back(command->name);
  if (args.empty() || args[0] == "-h" || args[0] == "--help") {
    print_out("{}", render_page(fmt::format("hangar help TOPIC shows a page. Topics: {}\n\n"
                                            "hangar help COMMAND shows the options of a command. Commands: "
                                            "{}\n\nExample:\n\n    hangar help log\n",
                                            join(names, ", "), join(commands, ", ")),
                                80));
    return 0;
  }
  for (const Topic& topic : topics) {
    if (topic.name != args[0]) continue;
    TRY_ASSIGN(const std::string text, read_file(topic.file));
    const Terminal terminal(/*quiet=*/false, /*no_color=*/false);
    print_out("{}", sanitize_lines(render_page(text, std::min<size_t>(terminal.width(), 100))));
    return 0;
  }
  for (const Subcommand* command : listed_commands()) {
    if (args[0] == command->name) return command->run({"-h"});
  }
  names.insert(names.end(), commands.begin(), commands.end());
  const std::string hint = did_you_mean(args[0], names);
  return user_error(fmt::format("there is no topic or command `{}`{}", args[0],
                                hint.empty() ? "; known: " + join(names, ", ") : hint));
}

}  // namespace hangar::cli
