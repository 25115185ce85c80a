// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/mail/import.h"
#include "harness/patch/onto.h"

// What was recovered, what is damaged and where it goes, for users and for programs.
namespace hangar::mail {

struct Report {
  Findings findings;
  std::vector<patch::Trial> trials;  // one for each patch, or none
  std::string onto;                  // "v6.1 (linux-source-6.1 6.1.192-2)", or ""
  struct Output {
    std::string kind;  // "series" or "reproducer"
    std::string path;
    std::string complaint;  // of a reproducer that does not compile
  };
  std::vector<Output> written;
};

// Per file and hunk; safe to print.
[[nodiscard]] std::string to_text(const Report& report);
// One object, schema hangar.import/1.
[[nodiscard]] std::string to_json(const Report& report);
// Nothing is damaged and no hunk fails.
[[nodiscard]] bool all_good(const Report& report);

}  // namespace hangar::mail
