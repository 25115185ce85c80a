// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"

namespace hangar::cli {

// A topic is a page for users, beside what it describes: of a command harness/cli/help/COMMAND.md, of a
// subject harness/MODULE/help/TOPIC.md, of a reproducer its README.md. The README.md files of harness/ are
// for developers and no topics.
struct Topic {
  enum class Kind { command, subject, reproducer };
  std::string name;
  fs::path file;
  Kind kind = Kind::subject;
};

// Sorted by name. `tree` is Hangar's source tree.
[[nodiscard]] std::vector<Topic> find_topics(const fs::path& tree);

// The first heading after the topic's name: "# hangs: how a hang is detected". Else "".
[[nodiscard]] std::string topic_summary(const Topic& topic);

}  // namespace hangar::cli
