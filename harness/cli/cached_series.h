// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/mail/import.h"

namespace hangar::cli {

// A series below CACHE/validate, in a folder that its contents name.
struct CachedSeries {
  std::string name;
  fs::path folder;
};

// Writes it unless it is there. `from` is where it comes from, for messages; if that is a folder, it gives
// the name, else the first patch does. A user error for no patch, and for a damaged one.
[[nodiscard]] Result<CachedSeries> cached_series(const mail::Findings& findings, const std::string& from,
                                                 const Home& home);

}  // namespace hangar::cli
