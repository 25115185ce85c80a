// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.h"
#include "harness/base/word.h"
#include "harness/report/contents.h"

// The formats that a report is exported in: for other programs, or to be pasted into a text.
namespace hangar::report {

using hangar::to_string;

enum class Format : std::uint8_t { junit, ktap, kcidb, json, csv, markdown };

struct ExportOptions {
  // Where run directories are published: the log of a run is at BASE/ID/serial.log. "": nowhere.
  std::string log_url_base;
  std::string origin = "hangar";  // of a kcidb submission: lowercase letters, digits and `_`
};

// A user error for options that the format cannot hold.
[[nodiscard]] Result<std::string> render(Format format, const Contents& contents,
                                         const ExportOptions& options = {});

}  // namespace hangar::report

template <>
inline constexpr auto hangar::words_of<hangar::report::Format> =
    std::to_array<std::string_view>({"junit", "ktap", "kcidb", "json", "csv", "markdown"});
