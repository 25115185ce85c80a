// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

namespace hangar::report {

// JUnit XML as Jenkins and GitLab read it: one testsuite a cell, in it one testcase a run and one named
// "cell" for the cell as a whole. No rerun or flaky elements: readers take a test that passes once as passed.
// The log lines that prove a result are in system-out.
[[nodiscard]] std::string to_junit(const Contents& contents);

}  // namespace hangar::report
