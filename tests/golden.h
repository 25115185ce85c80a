// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include <gtest/gtest.h>

// Golden files: what a person reads is kept in a file and compared as a whole. `unit_cli --update` (or
// another test program) rewrites the files; the diff is reviewed.
namespace hangar::golden {

// Compares with tests/data/`name`.
[[nodiscard]] testing::AssertionResult matches(const std::string& name, const std::string& text);

}  // namespace hangar::golden
