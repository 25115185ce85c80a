// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/mail/import.h"
#include "harness/mail/recover.h"
#include "harness/patch/place.h"
#include "tests/fuzz/fuzz.h"

// Mail in any form: a diff that came out whole is found again in its own text, with the same lines.
namespace {

using namespace hangar;

void reread(const patch::FileChange& diff) {
  if (!diff.whole() || diff.hunks.empty()) return;
  const std::string text = patch::to_text(diff);
  const auto again = mail::recover_diffs(text);
  fuzz::must(again.size() == 1 && again[0].hunks.size() == diff.hunks.size(), "a diff did not come back",
             text);
  for (std::size_t i = 0; i < diff.hunks.size(); ++i) {
    fuzz::must(patch::old_side(again[0].hunks[i]) == patch::old_side(diff.hunks[i]) &&
                   patch::new_side(again[0].hunks[i]) == patch::new_side(diff.hunks[i]),
               "a hunk changed", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto found = mail::find_all(bytes, "input");
  for (const mail::Patch& patch : found.patches) {
    for (const patch::FileChange& diff : patch.files) {
      reread(diff);
      (void)patch::place_hunks(bytes, diff.hunks);
      fuzz::planted(patch.depth == 3 && diff.whole() && diff.hunks.size() > 1);
    }
  }
  return 0;
}
