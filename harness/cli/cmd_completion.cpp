// SPDX-License-Identifier: GPL-2.0-only
#include <map>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/complete.h"
#include "harness/cli/output.h"
#include "harness/cli/topics.h"
#include "harness/kernel/spec/spec.h"
#include "harness/scenario/scenario.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

constexpr const char* bash_script = R"script(# Completion of hangar for bash: source <(hangar completion bash)
_hangar() {
  local IFS=$'\n' line current=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for line in $(hangar __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    if [ "$line" = :files ]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done
}
complete -F _hangar hangar
)script";

constexpr const char* zsh_script = R"script(#compdef hangar
# Completion of hangar for zsh: put this into a folder of $fpath as _hangar
_hangar() {
  local -a found
  local line files=
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=yes
    else
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <(hangar __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe hangar found
  [[ -n $files ]] && _files
}
if [ "$funcstack[1]" = _hangar ]; then _hangar "$@"; else compdef _hangar hangar; fi
)script";

constexpr const char* fish_script = R"script(# Completion of hangar for fish: hangar completion fish | source
function __hangar_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (hangar __complete $words[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c hangar -f -a '(__hangar_complete)'
)script";

std::vector<std::string> stored_runs() {
  std::vector<std::string> ids;
  const auto home = Common().home();
  const auto index = home ? store::Index::open(home->state) : Result<store::Index>(home.error());
  constexpr size_t most = 50;
  const auto rows = index ? index->latest(most) : Result<std::vector<store::RunRow>>(index.error());
  if (!rows) return ids;
  for (const store::RunRow& row : *rows) ids.push_back(row.id);
  return ids;
}

CompletionSources sources() {
  const auto tree = need_source_tree();
  const std::string folder = tree ? *tree : "/nonexistent";
  return {[folder] { return kernel::spec_names(folder); }, [folder] { return kernel::part_names(folder); },
          [folder] { return scenario::list_scenarios(folder, scenario::Listed::all); }, stored_runs,
          [folder] {
            std::vector<std::string> names;
            for (const Topic& topic : find_topics(folder)) names.push_back(topic.name);
            return names;
          }};
}

}  // namespace

Result<int> complete_command(const Args& args) {
  std::vector<CommandInfo> commands;
  for (const Subcommand& command : subcommands()) {
    if (command.summary == nullptr) continue;
    // Only the command that is completed is described, the others have their summary.
    CommandInfo info = args.size() > 1 && args[0] == command.name ? describe(command) : CommandInfo();
    info.name = command.name;
    info.about = command.summary;
    commands.push_back(std::move(info));
  }
  const Completion completion = complete(commands, args, sources());
  for (const Candidate& candidate : completion.candidates)
    print_out("{}\t{}\n", candidate.word, candidate.help);
  if (completion.files) print_out(":files\n");
  return 0;
}

Result<int> completion_command(const Args& args) {
  Options options("completion",
                  "Prints the completion script for a shell. It completes commands, options, kernels, "
                  "scenarios and runs.",
                  "  source <(hangar completion bash)\n  hangar completion zsh > ~/.zfunc/_hangar\n  hangar "
                  "completion fish | source");
  std::string shell;
  options.value("shell", shell, "the shell to print a script for", "bash|zsh|fish");
  options.required("shell");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  static const std::map<std::string, const char*> scripts = {
      {"bash", bash_script}, {"fish", fish_script}, {"zsh", zsh_script}};
  const auto script = scripts.find(shell);
  if (script == scripts.end()) {
    return user_error(
        fmt::format("no completion for shell `{}`{}", shell, did_you_mean(shell, {"bash", "fish", "zsh"})));
  }
  print_out("{}", script->second);
  return 0;
}

}  // namespace hangar::cli
