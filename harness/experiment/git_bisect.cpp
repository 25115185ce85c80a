// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/git_bisect.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/prepare.h"
#include "harness/run/why.h"

namespace hangar::experiment {
namespace {

using verdict::Verdict;

bool booted(const run::RunReport& run) {
  return run.outcome.hello;
}

BisectAnswer stopped_by(const Error& error, int otherwise) {
  const int status = error.fault == Fault::interrupted ? bisect_interrupted : otherwise;
  return {status, error.detail.empty() ? error.message : error.message + "\n" + error.detail, std::nullopt};
}

Result<void> check_request(const run::Request& request) {
  if (request.kernels.size() != 1) {
    return user_error(
        "--git-bisect requires exactly one --kernel: the tree in which git checks out revisions");
  }
  if (request.scenarios.size() > 1) return user_error("--git-bisect requires exactly one scenario");
  return {};
}

// With nothing expected no revision could be good.
Result<Cell> make_cell(const run::Request& request) {
  TRY(check_request(request));
  TRY_ASSIGN(auto cells, make_cells(request));
  if (is_empty(cells.front().expected)) {
    return user_error(fmt::format("the scenario {} has no expectations for {}; use --expect KERNEL",
                                  cells.front().scenario.name, cells.front().kernel.name));
  }
  return std::move(cells.front());
}

}  // namespace

int bisect_status_of_input(const Error& error) {
  switch (error.fault) {
    case Fault::interrupted:
      return bisect_interrupted;
    case Fault::user:
      return bisect_stop;
    case Fault::infra:
    case Fault::unavailable:
      break;
  }
  return bisect_skip;
}

namespace {

// "all 3 runs as expected; as many miss a failure rate of 0.21 half of the time"
std::string good_text(const run::Report& report) {
  std::size_t runs = 0;
  for (const run::CellReport& cell : report.cells) runs += cell.runs.size();
  const double missed_half = 1 - std::pow(0.5, 1.0 / std::max<double>(1, static_cast<double>(runs)));
  return fmt::format("all runs as expected; {} run{} miss{} a failure rate of {:.2f} half of the time", runs,
                     runs == 1 ? "" : "s", runs == 1 ? "es" : "", missed_half);
}

}  // namespace

BisectAnswer bisect_answer(const run::Report& report) {
  BisectAnswer answer{bisect_good, good_text(report), report};
  for (const run::CellReport& cell : report.cells) {
    for (const run::RunReport& run : cell.runs) {
      const bool judged =
          booted(run) && run.verdict != Verdict::infra_error && run.verdict != Verdict::inconclusive;
      if (judged && run.verdict == Verdict::fail) {
        answer.status = bisect_bad;
        answer.why = fmt::format("run {}: {}", run.id, run::why_of(run));
        return answer;
      }
      if (judged) continue;
      answer.status = bisect_skip;
      answer.why = fmt::format("run {}: {}", run.id,
                               run.verdict == Verdict::infra_error ? "host trouble, " + run::why_of(run)
                               : !booted(run) ? "the kernel did not boot: " + run::why_of(run)
                                              : run::why_of(run));
    }
    // Expectations on the cell as a whole, such as a rate over all runs.
    if (answer.status == bisect_good && cell.verdict != Verdict::pass) {
      answer.status = cell.verdict == Verdict::fail ? bisect_bad : bisect_skip;
      answer.why = run::why_of(cell);
    }
  }
  return answer;
}

BisectAnswer bisect_step(const run::Request& asked, run::Observer& observer) {
  run::Request request = asked;
  request.until_fail = true;
  const auto cell = make_cell(request);
  if (!cell) return stopped_by(cell.error(), bisect_status_of_input(cell.error()));
  // By itself first: an error here is this revision's, one later is not.
  const auto built = build_kernel(kernel::Cache(request.home.cache), cell->kernel, observer);
  if (!built) return stopped_by(built.error(), bisect_skip);
  auto report = execute(request, observer);
  if (!report) return stopped_by(report.error(), bisect_status_of_input(report.error()));
  BisectAnswer answer = bisect_answer(*report);
  if (Cancel::requested()) return {bisect_interrupted, "interrupted", std::move(answer.report)};
  return answer;
}

}  // namespace hangar::experiment
