// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/log/infer/engine.h"
#include "harness/log/infer/facts.h"
#include "harness/log/input/source.h"

// Whole logs at once, over Engine and FactsBuilder.
namespace hangar::log {

// What a console printed, as it is.
[[nodiscard]] LogFacts analyse(std::string_view bytes, EngineOptions options = {});
// What a log shows in whatever form it was passed on (form/reader.h).
[[nodiscard]] LogFacts analyse_any(std::string_view bytes, EngineOptions options = {});
// The same of a file (plain, .xz, .gz, .zst, `-`).
[[nodiscard]] Result<LogFacts> read_log(const std::string& path);
// Feeds a source to an engine to its end.
[[nodiscard]] Result<void> feed_all(ByteSource& source, Engine& engine);
// The text of physical lines of a file, for citing.
[[nodiscard]] Result<std::map<std::uint64_t, std::string>> fetch_lines(const std::string& path,
                                                                       std::vector<std::uint64_t> numbers);

}  // namespace hangar::log
