// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/mail/letter.h"
#include "harness/patch/diff.h"

// What is in the files that users have: patches, programs that reproduce something, logs.
namespace hangar::mail {

// Where a thing came from. "" is unknown.
struct Provenance {
  std::string subject;
  std::string from;
  std::string date;
  std::string message_id;
  std::string found_in;  // the file's name, and the attachment's
  std::string form;      // of the letter: "mail", "archive page", ...
};

struct Patch {
  Provenance origin;
  std::string author;   // who wrote the patch, which is not who quoted it; "" when it is not known
  std::string title;    // the subject without Re: and [PATCH ...]
  std::string message;  // the commit message, unquoted
  size_t depth = 0;     // how deep it is quoted
  std::vector<patch::FileChange> files;
  std::vector<std::string> notes;

  [[nodiscard]] bool whole() const {
    for (const patch::FileChange& file : files) {
      if (!file.whole()) return false;
    }
    return true;
  }
};

// A C program between "reproducer start" and "reproducer end", or attached.
struct Program {
  Provenance origin;
  std::string title;  // of the mail
  std::string name;   // of the attachment, or ""
  std::string text;
};

// Lines of a kernel log, with the snips between them, as they are in the mail.
struct Observed {
  Provenance origin;
  std::string text;
};

struct Findings {
  std::vector<Patch> patches;
  std::vector<Program> programs;
  std::vector<Observed> logs;
  std::vector<std::string> notes;  // what was left out, and what looks wrong
  std::vector<std::string> lost;   // hunks of the text that cannot be used
};

// Pure: `name` names the file in messages.
[[nodiscard]] Findings find_all(std::string_view bytes, const std::string& name);
// Files, and folders with a `series` file or with patches (in the order of their names). It is a user error
// when a path of a patch would leave the source tree.
[[nodiscard]] Result<Findings> import_paths(const std::vector<fs::path>& paths);

// What the patches do, in their order.
[[nodiscard]] std::vector<std::span<const patch::FileChange>> changes_of(const std::vector<Patch>& patches);

// "mm-move-PG_slab-flag-to-page_type": for file names.
[[nodiscard]] std::string slug(std::string_view title, size_t longest = 52);

}  // namespace hangar::mail
