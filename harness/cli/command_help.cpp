// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/command_help.h"

#include <algorithm>

#include "harness/base/text.h"
#include "harness/cli/terminal.h"

namespace hangar::cli {
namespace {

constexpr size_t columns = 80;
constexpr size_t help_column = 28;

enum class Part { arguments, own, common };

bool belongs(const OptionInfo& option, Part part) {
  if (option.positional) return part == Part::arguments;
  return part == (option.common ? Part::common : Part::own);
}

// "-n, --repeat N", "FILE|RUN ..."
std::string left_of(const OptionInfo& option) {
  std::string text = option.positional ? option.type : join(option.names, ", ");
  if (!option.positional && !option.type.empty()) text += " " + option.type;
  return option.positional && option.many ? text + " ..." : text;
}

// One option: its names, and beside or below them the help.
std::string entry(const OptionInfo& option, size_t indent) {
  std::string out = std::string(indent, ' ') + left_of(option);
  const size_t column = help_column + indent;
  bool begun = out.size() + 1 >= column;  // then the help begins below
  if (begun) out += "\n";
  for (const std::string& line : wrap_words(option.help, columns - 1 - column)) {
    out += std::string(begun ? column : column - out.size(), ' ') + line + "\n";
    begun = true;
  }
  return out;
}

std::string entries(const CommandInfo& command, Part part, size_t indent) {
  std::string out;
  for (const OptionInfo& option : command.options) {
    if (belongs(option, part)) out += entry(option, indent);
  }
  return out;
}

std::string titled(const std::string& title, const std::string& text) {
  return text.empty() ? "" : "\n" + title + ":\n" + text;
}

std::string wrapped(const std::string& text) {
  std::string out;
  for (const std::string_view paragraph : split(text, '\n')) {
    for (const std::string& line : wrap_words(paragraph, columns - 1)) out += line + "\n";
  }
  return out;
}

}  // namespace

std::string usage_line(const CommandInfo& command) {
  std::string line = "hangar " + command.name + " [OPTIONS]";
  for (const OptionInfo& option : command.options) {
    if (option.positional) line += option.required ? " " + left_of(option) : " [" + left_of(option) + "]";
  }
  return line;
}

std::string help_text(const CommandInfo& command) {
  std::string out = "Usage: " + usage_line(command) + "\n\n" + wrapped(command.about);
  out += titled("Arguments", entries(command, Part::arguments, 2));
  out += titled("Options", entries(command, Part::own, 2));
  out += titled("Common options", entries(command, Part::common, 2));
  out += titled("Examples", command.example + "\n");
  return out + "\n`hangar help " + command.name + "` shows the whole page.\n";
}

std::string fill_page(std::string_view markdown, const CommandInfo& command) {
  constexpr size_t indent = 4;
  std::string out;
  for (const std::string_view line : split(markdown, '\n')) {
    if (line == "<!-- usage -->") {
      out += std::string(indent, ' ') + usage_line(command) + "\n";
    } else if (line == "<!-- options -->") {
      for (const Part part : {Part::arguments, Part::own, Part::common})
        out += entries(command, part, indent);
    } else {
      out += std::string(line) + "\n";
    }
  }
  return out;
}

}  // namespace hangar::cli
