// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/log/infer/facts.h"
#include "harness/log/input/source.h"
#include "harness/log/parse/event.h"

// hangar.log/1: facts and events as JSON. The keys are documented in help/log-json.md and checked by a test.
namespace hangar::log {

struct SourceInfo {
  std::string path;
  Compression compression = Compression::none;
};

// One object, pretty-printed, with a newline behind it.
[[nodiscard]] std::string to_json(const LogFacts& facts, const SourceInfo& source);
// One object on one line, without newline. Events that the JSON of a whole log has in another form
// (OomInvoked) are included.
[[nodiscard]] std::string to_json(const Event& event);

}  // namespace hangar::log
