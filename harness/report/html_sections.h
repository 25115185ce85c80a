// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/report/contents.h"
#include "harness/report/page_data.h"

// The parts of the HTML report, in the order of the page. Each is a section with a heading, or "" where there
// is nothing to show. All that comes from a guest or from a user is escaped here.
namespace hangar::report {

[[nodiscard]] std::string header_section(const Contents& contents);
[[nodiscard]] std::string preface_section(const Contents& contents);
[[nodiscard]] std::string result_section(const Contents& contents);
[[nodiscard]] std::string boundary_section(const Contents& contents);
[[nodiscard]] std::string matrix_section(const std::vector<Cell>& cells);
[[nodiscard]] std::string comparison_section(const Contents& contents);
[[nodiscard]] std::string survival_section(const std::vector<Cell>& cells);
[[nodiscard]] std::string rates_section(const std::vector<Cell>& cells);
[[nodiscard]] std::string runs_section(const std::vector<Cell>& cells, const PageRuns& runs);
[[nodiscard]] std::string stacks_section(const std::vector<Cell>& cells, const PageRuns& runs);
[[nodiscard]] std::string differences_section(const Contents& contents);
[[nodiscard]] std::string commands_section(const Contents& contents);
[[nodiscard]] std::string words_section();
[[nodiscard]] std::string footer_section(const Contents& contents);

}  // namespace hangar::report
