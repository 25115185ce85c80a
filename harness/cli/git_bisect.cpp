// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/git_bisect.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/output.h"
#include "harness/cli/show.h"

namespace hangar::cli {
namespace {

const char* word_for(int status) {
  switch (status) {
    case experiment::bisect_good:
      return "good";
    case experiment::bisect_bad:
      return "bad";
    case experiment::bisect_skip:
      return "skip";
    default:
      return "stop";
  }
}

Fault fault_of(int status) {
  if (status == experiment::bisect_interrupted) return Fault::interrupted;
  return status == experiment::bisect_stop ? Fault::user : Fault::infra;
}

}  // namespace

Result<int> run_or_bisect_command(const Args& args) {
  auto result = run_command(args);
  if (result || std::find(args.begin(), args.end(), "--git-bisect") == args.end()) return result;
  const int status = experiment::bisect_status_of_input(result.error());
  print_error(result.error());
  if (wants_json(args)) print_out("{}", error_json(result.error(), status));
  return status;
}

int show_bisect_step(Terminal& terminal, const experiment::BisectAnswer& answer, const Common& common) {
  terminal.live_done();
  if (answer.report) {
    print_out("{}", common.json ? to_json(*answer.report)
                                : result_table(terminal, *answer.report, terminal.width()));
  }
  if (!answer.report && common.json)
    print_out("{}", error_json({fault_of(answer.status), answer.why, ""}, answer.status));
  print_err("git bisect: {} (exit status {})\n", word_for(answer.status), answer.status);
  for (const std::string_view line : split(answer.why, '\n'))
    print_err("  {}\n", sanitize_for_terminal(line));
  return answer.status;
}

}  // namespace hangar::cli
