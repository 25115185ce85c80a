// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/log/parse/event.h"

// Real console logs with the title, type and damage that people expect (../shared/corpus beside the
// checkout).
namespace hangar::samples {

// The first rules were written with `old`. Of the reports that came later, `read` was looked at while rules
// were written, `aside` was only counted.
enum class Part : std::uint8_t { old, read, aside };

struct Sample {
  std::string name;
  Part part = Part::old;
  std::string title;
  std::vector<std::string> alternatives;
  std::string type = "UNKNOWN";
  bool corrupted = false;
  bool panicked = false;
  std::string log;
};

// Where the corpus is, if it is there.
[[nodiscard]] std::filesystem::path folder(const std::filesystem::path& source);
[[nodiscard]] std::vector<Sample> read_samples(const std::filesystem::path& folder);

// The first crash in the log; its type is UNKNOWN if there is none.
[[nodiscard]] log::Crash first_crash(const std::string& log);

}  // namespace hangar::samples
