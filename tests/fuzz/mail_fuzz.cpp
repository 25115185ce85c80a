// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/mail/import.h"
#include "harness/mail/place.h"
#include "harness/mail/recover.h"
#include "tests/fuzz/fuzz.h"

// Mail in any form: a diff that came out whole is found again in its own text, with the same lines.
namespace {

using namespace hangar;

void reread(const mail::FileDiff& diff) {
  if (!diff.whole() || diff.hunks.empty()) return;
  const std::string text = mail::to_text(diff);
  const auto again = mail::recover_diffs(text);
  fuzz::must(again.size() == 1 && again[0].hunks.size() == diff.hunks.size(), "a diff did not come back",
             text);
  for (std::size_t i = 0; i < diff.hunks.size(); ++i) {
    fuzz::must(mail::old_side(again[0].hunks[i]) == mail::old_side(diff.hunks[i]) &&
                   mail::new_side(again[0].hunks[i]) == mail::new_side(diff.hunks[i]),
               "a hunk changed", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto found = mail::find_all(bytes, "input");
  for (const mail::Patch& patch : found.patches) {
    for (const mail::FileDiff& diff : patch.files) {
      reread(diff);
      (void)mail::place_hunks(bytes, diff.hunks);
      fuzz::planted(diff.depth == 3 && diff.whole() && diff.hunks.size() > 1 &&
                    diff.old_path != diff.new_path);
    }
  }
  return 0;
}
