// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// A search that can be continued, on disk: ID/{setup.json,log.jsonl}, what it set out to do and what was seen
// since. The log alone restores its state.
namespace hangar {

// Adds a line to a file, which is created if it does not exist. An empty line comes before it: it ends a line
// that a killed process has torn.
[[nodiscard]] Result<void> append_line(const fs::path& file, std::string_view line);

class JournalFolder {
 public:
  // How messages name such a search.
  struct Words {
    const char* one;    // "bisection"
    const char* many;   // "bisections"
    const char* begin;  // "begin with `hangar bisect --good A --bad B`"
  };

  [[nodiscard]] static Result<JournalFolder> create(const fs::path& folder, const std::string& setup);
  // One of the folders in `all`: `word` is an id, a beginning of exactly one, or `last`.
  [[nodiscard]] static Result<JournalFolder> open(const fs::path& all, const std::string& word,
                                                  const Words& words);

  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path setup_file() const;
  [[nodiscard]] Result<std::string> setup() const;
  // The lines of the log. One of them may be torn.
  [[nodiscard]] Result<std::vector<std::string>> log() const;
  [[nodiscard]] Result<void> add(std::string_view line) const;
  // Held while a process runs it: an error if another one does.
  [[nodiscard]] Result<FileLock> lock(const Words& words) const;

 private:
  fs::path path_;
};

}  // namespace hangar
