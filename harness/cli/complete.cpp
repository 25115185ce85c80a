// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/complete.h"

#include <algorithm>
#include <cctype>

#include "harness/base/text.h"

namespace hangar::cli {
namespace {

using Words = std::vector<std::string>;

class Completer {
 public:
  Completer(std::string typed, const CompletionSources& sources)
      : typed_(std::move(typed)), sources_(sources) {}

  void add(const std::string& word, const std::string& help = {}) {
    if (word.starts_with(typed_)) completion_.candidates.push_back({word, help});
  }
  void add_all(const Words& words) {
    for (const std::string& word : words) add(word);
  }

  // The values of an option or positional, by its type: `SPEC|bzImage|TREE`, `FILE`, `list|prune`.
  void add_values(const std::string& type) {
    const std::string names = type.substr(0, type.find('['));
    for (const std::string_view word : split(names, '|')) add_value(std::string(word));
  }

  void add_options(const CommandInfo& command) {
    for (const OptionInfo& option : command.options) {
      if (!option.positional) add(option.names.back(), option.help);
    }
  }

  Completion take() { return std::move(completion_); }

 private:
  void add_value(const std::string& word) {
    if (word == "SPEC" || word == "KERNEL") {
      add_kernels();
    } else if (word == "SCENARIO") {
      add_all(sources_.scenarios());
    } else if (word == "RUN" || word == "EXPERIMENT") {
      add("last");
      if (word == "RUN") add_all(sources_.runs());
    } else if (word == "TOPIC") {
      add_all(sources_.topics());
    } else if (!word.empty() && std::islower(static_cast<unsigned char>(word[0])) != 0 && word != "bzImage" &&
               word != "vmlinux") {
      add(word);
    } else if (word != "N" && word != "NUMBER" && word != "TEXT") {
      completion_.files = true;
    }
  }

  // Behind a `+` the parts that can be added.
  void add_kernels() {
    const size_t plus = typed_.rfind('+');
    if (plus == std::string::npos) return add_all(sources_.kernels());
    for (const std::string& part : sources_.kernel_parts()) add(typed_.substr(0, plus + 1) + part);
  }

  std::string typed_;
  const CompletionSources& sources_;
  Completion completion_;
};

const OptionInfo* find_option(const CommandInfo& command, const std::string& name) {
  for (const OptionInfo& option : command.options) {
    const bool has = std::find(option.names.begin(), option.names.end(), name) != option.names.end();
    if (has && !option.positional) return &option;
  }
  return nullptr;
}

// The positional that the last of `words` is for.
const OptionInfo* positional_of(const CommandInfo& command, const Words& words) {
  std::vector<const OptionInfo*> positionals;
  for (const OptionInfo& option : command.options) {
    if (option.positional) positionals.push_back(&option);
  }
  size_t before = 0;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const OptionInfo* option = find_option(command, words[i]);
    if (option != nullptr && !option->type.empty()) ++i;  // its value
    if (option == nullptr) ++before;
  }
  return positionals.empty() ? nullptr : positionals[std::min(before, positionals.size() - 1)];
}

}  // namespace

Completion complete(const std::vector<CommandInfo>& commands, const Words& words,
                    const CompletionSources& sources) {
  const std::string typed = words.empty() ? "" : words.back();
  Completer completer(typed, sources);
  if (words.size() <= 1) {
    for (const CommandInfo& command : commands) completer.add(command.name, command.about);
    return completer.take();
  }
  const auto command = std::find_if(commands.begin(), commands.end(),
                                    [&](const CommandInfo& one) { return one.name == words.front(); });
  if (command == commands.end()) return completer.take();
  const Words rest(words.begin() + 1, words.end());
  const OptionInfo* option = rest.size() > 1 ? find_option(*command, rest[rest.size() - 2]) : nullptr;
  if (option != nullptr && !option->type.empty()) {
    completer.add_values(option->type);
  } else if (typed.starts_with("-")) {
    completer.add_options(*command);
  } else if (const OptionInfo* positional = positional_of(*command, rest)) {
    completer.add_values(positional->type);
  }
  return completer.take();
}

}  // namespace hangar::cli
