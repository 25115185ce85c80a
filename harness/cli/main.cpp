// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "harness/base/barrier.h"
#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"

namespace hangar::cli {
namespace {

void print_usage() {
  print_out(
      "hangar boots Linux kernels in QEMU, runs programs that provoke memory-management\n"
      "bugs, and reports whether the kernel hung, for how long, and what was killed.\n\n"
      "Usage: hangar COMMAND [OPTIONS]\n\n");
  for (const Subcommand& command : subcommands()) {
    if (command.summary != nullptr) print_out("  {:<10} {}\n", command.name, command.summary);
  }
  print_out(
      "\n`hangar COMMAND -h` prints the options of a command, `hangar help` lists pages.\n"
      "Common options: --home DIR, --json, --quiet, --no-color.\n"
      "Exit status: 0 pass, 1 fail or inconclusive, 2 wrong input, 3 host or internal\n"
      "error, 130 interrupted.\n");
}

// `options` are those of every command, unless one is misspelled.
Result<int> without_command(const Args& options) {
  static const std::vector<std::string> known = {"--help",  "--home",    "--json", "--no-color",
                                                 "--quiet", "--version", "-h",     "-q"};
  for (const std::string& word : options) {
    const std::string name = word.substr(0, word.find('='));
    const bool is_option = word.starts_with('-') && word != "-";
    if (!is_option || std::find(known.begin(), known.end(), name) != known.end()) continue;
    return user_error(fmt::format("unknown option `{}`{}; `hangar -h` lists the commands", word,
                                  did_you_mean(name, known)));
  }
  if (std::find(options.begin(), options.end(), "-h") != options.end() ||
      std::find(options.begin(), options.end(), "--help") != options.end()) {
    print_usage();
    return 0;
  }
  return user_error("no command given; `hangar -h` lists the commands");
}

Result<int> dispatch(const Args& all) {
  if (all.empty() || all[0] == "-h" || all[0] == "--help") {
    print_usage();
    return 0;
  }
  if (all[0] == "--version") {
    print_out("hangar {}\n", HANGAR_VERSION);
    return 0;
  }
  // Common options are accepted before the command too.
  const auto is_command = [](const std::string& word) {
    return std::any_of(subcommands().begin(), subcommands().end(),
                       [&](const Subcommand& command) { return command.name == word; });
  };
  Args before;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool takes_value = i > 0 && all[i - 1] == "--home";
    if (all[i].rfind('-', 0) == 0 || takes_value) {
      before.push_back(all[i]);
      continue;
    }
    if (!is_command(all[i])) {
      std::vector<std::string> names;
      for (const Subcommand& command : subcommands()) {
        if (command.summary != nullptr) names.emplace_back(command.name);
      }
      const std::string hint = did_you_mean(all[i], names);
      return user_error(fmt::format("unknown command `{}`{}", all[i],
                                    hint.empty() ? "; known: " + join(names, ", ") : hint));
    }
    Args rest(all.begin() + static_cast<long>(i) + 1, all.end());
    rest.insert(rest.begin(), before.begin(), before.end());
    for (const Subcommand& command : subcommands()) {
      if (command.name == all[i]) return command.run(rest);
    }
  }
  return without_command(before);
}

// What was printed is a result only once it has been written.
Result<int> with_output_written(const Result<int>& result) {
  const auto written = output_written();
  return result && !written ? Result<int>(written.error()) : result;
}

int finish(const Args& args, const Result<int>& result) {
  if (result) return *result;
  const int status = exit_status(result.error());
  print_error(result.error());
  if (wants_json(args)) print_out("{}", error_json(result.error(), status));
  return status;
}

}  // namespace
}  // namespace hangar::cli

int main(int argc, char** argv) {
  const auto status = hangar::barrier([&] {
    hangar::Cancel::install();
    const hangar::cli::Args args(argv + 1, argv + argc);
    const auto result = hangar::barrier([&] { return hangar::cli::dispatch(args); });
    return hangar::cli::finish(args, hangar::cli::with_output_written(result));
  });
  if (status) return *status;
  // The error itself could not be printed: no memory, or no standard error.
  std::fprintf(stderr, "hangar: %s\n", status.error().message.c_str());
  return hangar::exit_status(status.error());
}
