// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/topics.h"

#include <algorithm>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::cli {
namespace {

void add_help_folder(const fs::path& module, std::vector<Topic>& topics) {
  const bool commands = module.filename() == "cli";
  for (const auto& entry : fs::list_or_empty(module / "help")) {
    if (entry.path().extension() != ".md") continue;
    topics.push_back(
        {entry.path().stem(), entry.path(), commands ? Topic::Kind::command : Topic::Kind::subject});
  }
}

}  // namespace

std::vector<Topic> find_topics(const fs::path& tree) {
  std::vector<Topic> topics;
  for (const auto& module : fs::list_or_empty(tree / "harness")) add_help_folder(module.path(), topics);
  for (const auto& entry : fs::list_or_empty(tree / "reproducers")) {
    const fs::path page = entry.path() / "README.md";
    if (fs::exists(page)) topics.push_back({entry.path().filename(), page, Topic::Kind::reproducer});
  }
  // Beside the files that they describe. `config` is a command.
  for (const auto& [name, page] : {std::pair("fragments", "kernels/config/README.md"),
                                   std::pair("patches", "kernels/patches/README.md")}) {
    if (fs::exists(tree / page)) topics.push_back({name, tree / page, Topic::Kind::subject});
  }
  std::sort(topics.begin(), topics.end(), [](const Topic& a, const Topic& b) { return a.name < b.name; });
  return topics;
}

std::string topic_summary(const Topic& topic) {
  const auto text = read_file(topic.file);
  if (!text) return "";
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.starts_with("# ")) continue;
    const size_t colon = line.find(": ");
    return colon == std::string_view::npos ? "" : std::string(line.substr(colon + 2));
  }
  return "";
}

}  // namespace hangar::cli
