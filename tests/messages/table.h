// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "tests/messages/extract.h"

// tests/data/log/messages: what the log engine makes of each message of the kernel, and the kernels' own
// lists.
namespace hangar::messages {

struct Row {
  std::string format;   // unescaped
  std::string reason;   // of an ignored message; empty: it is parsed
  std::string context;  // the name of the lines that it is put into
  std::map<int, std::string> values;
  std::string fact;  // "hung_tasks pid=$2; comm=$1"
};

/// Throws std::runtime_error with the line of a mistake.
[[nodiscard]] std::vector<Row> read_table(const fs::path& file);

/// The lines around a message, by their name. `@` in them is where it goes.
using Contexts = std::map<std::string, std::vector<std::string>>;
[[nodiscard]] Contexts read_contexts(const fs::path& file);

/// Of the files of a kernel's source that report memory, hangs and panics; nullopt: one of them is missing.
[[nodiscard]] std::optional<std::set<Format>> formats_of_kernel(const fs::path& source);

/// Those that the table lacks, as in its column.
[[nodiscard]] std::vector<std::string> unlisted(const std::set<Format>& formats,
                                                const std::vector<Row>& table);

}  // namespace hangar::messages
