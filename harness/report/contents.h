// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/comparison.h"
#include "harness/report/cells.h"

// What one report is about. Each format is a function of this.
namespace hangar::report {

// How the second of two kernels differs from the first, as far as the cache of kernels knows.
struct KernelDifference {
  std::string first;  // labels of cells
  std::string second;
  std::string text;  // lines: what patches, configuration and command line differ in
};

// What a page has in front of its runs, in place of a verdict: what a nightly job found in a night.
struct Preface {
  struct Field {
    std::string text;
    std::vector<double> shares;  // 0 to 1, drawn as a row of bars in front of the text
  };
  struct Table {
    std::string caption;
    std::vector<std::string> titles;
    std::vector<std::vector<Field>> rows;
  };
  struct Part {
    std::string title;
    std::vector<Table> tables;
  };
  std::string summary;
  std::vector<Part> parts;
};

struct Contents {
  std::string title;  // "mmap-lock-livelock on v6.1-oom-2015: fail, 12 of 12 runs hung"
  std::vector<Cell> cells;
  verdict::Verdict verdict = verdict::Verdict::inconclusive;
  std::vector<Boundary> boundaries;
  std::optional<compare::Comparison> comparison;  // of cells that differ in their kernels; none: one kernel
  std::vector<KernelDifference> differences;
  std::vector<std::string> commands;  // that repeat the runs, one a line
  std::string made_by;                // "hangar 0.1.0"
  std::optional<Preface> preface;
};

// Title, verdict, boundaries and comparison from the cells. A user error without a run.
[[nodiscard]] Result<Contents> contents_of(std::vector<Run> runs, const RuleOf& rule_of);

}  // namespace hangar::report
