// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

// The table of malformed inputs: a part for each group of commands.
namespace hangar::cli_tests {

struct Case {
  std::string script;  // of bash, with the functions and files of malformed_test.cpp
  int status = 2;
  std::string names;  // part of the message: what is wrong
};

// What gtest_discover_tests() takes into a test's name: a script has characters that CMake would interpret.
inline void PrintTo(const Case&, std::ostream* out) {
  *out << "script";
}

using Cases = std::vector<Case>;

[[nodiscard]] const Cases& malformed_inputs();

[[nodiscard]] Cases malformed_runs();
[[nodiscard]] Cases malformed_kernels();
[[nodiscard]] Cases malformed_stored();
[[nodiscard]] Cases malformed_sequences();
[[nodiscard]] Cases joined(const std::vector<Cases (*)()>& parts);

}  // namespace hangar::cli_tests
