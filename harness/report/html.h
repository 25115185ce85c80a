// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/base/result.h"
#include "harness/report/contents.h"

// The report as one HTML file that needs neither network nor server. Without its script it is still readable:
// title, verdict, rates, grouped stacks, differences and commands are plain HTML. A content security policy
// allows that script and that style sheet by their hashes and nothing else.
namespace hangar::report {

struct HtmlOptions {
  // Of the file. Timelines and logs take what the rest leaves; if nothing is left, the file is larger.
  std::size_t max_bytes = 4'800'000;
  std::int64_t tail = 200;  // the last lines of each log that are shown at once
  // That are listed. Of more, each cell lists the same number at most, those that failed or hung first.
  std::size_t max_runs = 10'000;
};

// Reads the run directories of the records. One that cannot be read is an error.
[[nodiscard]] Result<std::string> to_html(const Contents& contents, const HtmlOptions& options = {});

}  // namespace hangar::report
