// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/log/crash/functions.h"

// The rules behind a title, one by one: to leave one out and see which titles depend on it. What a single
// report depends on was fitted to it (tests/functions/leave_one_out.cpp). Programs leave nothing out.
namespace hangar::log {

struct Rule {
  const void* row = nullptr;
  std::string name;  // table and words
};

// Names of functions; files and their exceptions; classes, their remarks and the kinds of warnings.
[[nodiscard]] std::vector<Rule> name_rules();
[[nodiscard]] std::vector<Rule> place_rules();
[[nodiscard]] std::vector<Rule> class_rules();
[[nodiscard]] std::vector<Rule> warning_rules();

struct Measurement {
  const void* left_out = nullptr;            // a row
  const FunctionTable* functions = nullptr;  // instead of the kernel's
};
[[nodiscard]] inline Measurement& measurement() {
  static Measurement measurement;
  return measurement;
}

[[nodiscard]] inline bool left_out(const void* row) {
  return measurement().left_out == row;
}

}  // namespace hangar::log
