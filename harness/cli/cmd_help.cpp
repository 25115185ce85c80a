// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"

namespace hangar::cli {
namespace {

// A topic is a page of the documentation that stands beside the code: `hangar help log` shows
// harness/log/README.md.
struct Topic {
  std::string name;
  fs::path file;
};

std::vector<Topic> find_topics(const fs::path& tree) {
  std::vector<Topic> topics;
  std::error_code ignored;
  for (const char* parent : {"harness", "images", "reproducers", "kernels"}) {
    for (const auto& entry : fs::directory_iterator(tree / parent, ignored)) {
      if (fs::exists(entry.path() / "README.md", ignored))
        topics.push_back({entry.path().filename(), entry.path() / "README.md"});
    }
    if (fs::exists(tree / parent / "README.md", ignored))
      topics.push_back({parent, tree / parent / "README.md"});
  }
  std::sort(topics.begin(), topics.end(), [](const Topic& a, const Topic& b) { return a.name < b.name; });
  return topics;
}

}  // namespace

Result<int> help_command(const Args& args) {
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const std::vector<Topic> topics = find_topics(tree);
  std::vector<std::string> names;
  for (const Topic& topic : topics) names.push_back(topic.name);
  if (args.empty() || args[0] == "-h" || args[0] == "--help") {
    fmt::print("hangar help TOPIC shows a page. Topics: {}\n\nExample:\n  hangar help log\n",
               join(names, ", "));
    return 0;
  }
  for (const Topic& topic : topics) {
    if (topic.name != args[0]) continue;
    TRY_ASSIGN(const std::string text, read_file(topic.file));
    fmt::print("{}", text);
    return 0;
  }
  return user_error(fmt::format("there is no topic `{}`{}; topics: {}", args[0], did_you_mean(args[0], names),
                                join(names, ", ")));
}

}  // namespace hangar::cli
