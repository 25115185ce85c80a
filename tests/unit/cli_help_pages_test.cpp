// SPDX-License-Identifier: GPL-2.0-only
// The pages of `hangar help`: each command has one, and commands in pages are accepted by the real options.
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/command_help.h"
#include "harness/cli/commands.h"
#include "harness/cli/topics.h"
#include "tests/places.h"

namespace hangar::cli {
namespace {

using Words = std::vector<std::string>;

// The words of a shell command up to a pipe, a redirection, a comment or a wide gap, with quotes taken off.
Words words_of(const std::string& line) {
  Words words;
  std::string word;
  char quote = 0;
  for (size_t at = 0; at <= line.size(); ++at) {
    const char c = at < line.size() ? line[at] : ' ';
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? 0 : c;
    } else if (c != ' ' || quote != 0) {
      word += c;
    } else if (!word.empty()) {
      if (word == "|" || word == ">" || word.front() == '#') return words;
      words.push_back(std::exchange(word, ""));
      if (line.substr(at, 2) == "  ") return words;
    }
  }
  return words;
}

// The commands of Hangar in a line of a code block: `dmesg | hangar log -`, `source <(hangar completion
// bash)`.
std::vector<Words> commands_in(const std::string& line) {
  static const std::regex begins(R"((?:^ *|\| |<\(|bisect run )hangar ([a-z][^()]*))");
  std::vector<Words> commands;
  for (std::sregex_iterator found(line.begin(), line.end(), begins), end; found != end; ++found)
    commands.push_back(words_of((*found)[1].str()));
  return commands;
}

// Why the options of the command do not accept the words; "" if they do.
std::string complaint(const Words& words) {
  const Options::Check checking;
  for (const Subcommand& command : subcommands()) {
    if (command.summary == nullptr || command.name != words.front()) continue;
    const auto status = command.run({words.begin() + 1, words.end()});
    if (!status) return status.error().message;
    return *status == 0 ? "" : "exit status " + std::to_string(*status);
  }
  return "no command `" + words.front() + "`";
}

std::vector<fs::path> markdown_files() {
  std::vector<fs::path> files = {fs::path(places::source) / "README.md"};
  for (const char* folder : {"harness", "images", "kernels", "reproducers", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(fs::path(places::source) / folder))
      if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  return files;
}

// How many commands were checked.
int expect_accepted(const std::string& where, std::string_view text, size_t indent) {
  int seen = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() < indent || line.substr(0, indent).find_first_not_of(' ') != std::string_view::npos)
      continue;
    for (const Words& words : commands_in(std::string(line))) {
      EXPECT_EQ(complaint(words), "") << where << ": " << line;
      ++seen;
    }
  }
  return seen;
}

TEST(HelpPages, CommandsInCodeBlocksAreAccepted) {
  int seen = 0;
  for (const fs::path& file : markdown_files()) seen += expect_accepted(file, *read_file(file), 4);
  EXPECT_GT(seen, 100);
}

TEST(HelpPages, ExamplesOfCommandsAreAccepted) {
  for (const Subcommand& command : subcommands()) {
    if (command.summary == nullptr) continue;
    EXPECT_GT(expect_accepted(command.name, describe(command).example, 0), 0) << command.name;
  }
}

TEST(HelpPages, AnExampleThatIsNotAcceptedIsFound) {
  EXPECT_EQ(complaint({"run", "oom-kill", "--repeat", "3"}), "");
  EXPECT_NE(complaint({"run", "--no-such-option"}), "");
  EXPECT_NE(complaint({"run", "--repeat", "many"}), "");
  EXPECT_NE(complaint({"log"}), "");
  EXPECT_NE(complaint({"rnu"}), "");
  EXPECT_THAT(commands_in("dmesg | hangar log - | less"), testing::ElementsAre(Words{"log", "-"}));
  EXPECT_THAT(commands_in("hangar study x --setting \"a b\"   # one"),
              testing::ElementsAre(Words{"study", "x", "--setting", "a b"}));
}

TEST(HelpPages, EveryCommandHasOneWithAllSections) {
  for (const Subcommand& command : subcommands()) {
    if (command.summary == nullptr) continue;
    const fs::path file = fs::path(places::source) / "harness/cli/help" / (std::string(command.name) + ".md");
    const auto text = read_file(file);
    ASSERT_TRUE(text) << file;
    EXPECT_THAT(*text, testing::HasSubstr("\n# hangar " + std::string(command.name) + ": "));
    size_t at = 0;
    for (const char* section : {"## Usage\n\n<!-- usage -->\n", "## Options\n\n<!-- options -->\n",
                                "## Exit status\n", "## Examples\n\n    "}) {
      at = text->find(section, at);
      EXPECT_NE(at, std::string::npos) << file << " has no " << section << " in this order";
    }
  }
}

TEST(HelpPages, SubjectsHaveASummaryAndExamples) {
  int seen = 0;
  for (const Topic& topic : find_topics(places::source)) {
    if (topic.kind != Topic::Kind::subject) continue;
    ++seen;
    EXPECT_NE(topic_summary(topic), "") << topic.file;
    EXPECT_THAT(*read_file(topic.file), testing::HasSubstr("\n## Examples\n\n")) << topic.file;
  }
  EXPECT_GE(seen, 12);
}

TEST(HelpPages, TopicsThatAreReferredToExist) {
  std::set<std::string> names = {"COMMAND", "NAME", "TOPIC"};
  for (const Topic& topic : find_topics(places::source)) names.insert(topic.name);
  static const std::regex reference(R"(`hangar help ([A-Za-z][A-Za-z-]*))");
  const auto check = [&](const fs::path& file) {
    const std::string text = *read_file(file);
    for (std::sregex_iterator found(text.begin(), text.end(), reference), end; found != end; ++found)
      EXPECT_TRUE(names.count((*found)[1].str()) != 0) << file << ": " << found->str();
  };
  for (const fs::path& file : markdown_files()) check(file);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(fs::path(places::source) / "harness")) {
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h") check(entry.path());
  }
}

TEST(HelpPages, OptionsComeFromTheCommand) {
  CommandInfo info{"x", "About.", "  hangar x", {}};
  info.options.push_back({{"-n", "--number"}, "N", "a number", false, false, false, false});
  info.options.push_back({{"files"}, "FILE", "what to read", true, false, true, true});
  EXPECT_EQ(usage_line(info), "hangar x [OPTIONS] FILE ...");
  EXPECT_THAT(fill_page("<!-- usage -->\n<!-- options -->\n", info),
              "    hangar x [OPTIONS] FILE ...\n    FILE ...                    what to read\n"
              "    -n, --number N              a number\n\n");
}

}  // namespace
}  // namespace hangar::cli
