// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/judge.h"
#include "harness/verdict/why.h"
#include "tests/fuzz/fuzz.h"

// outcome.json: what is read and written again is the same, and any outcome can be judged.
using namespace hangar;

namespace {

void judge(const verdict::Outcome& outcome) {
  verdict::RunExpectation none;
  none.hang = verdict::HangExpectation{};
  none.hang->none = true;
  none.oom_kills = verdict::Range{1, 2};
  none.victims = std::vector<std::string>{"hog", "child?"};
  none.crashes = std::vector<std::string>{};
  none.progress = verdict::Range{1, std::nullopt};
  none.finding = "silent-hang";
  verdict::RunExpectation bounded;
  bounded.hang = verdict::HangExpectation{};
  bounded.hang->longest_s = verdict::Range{std::nullopt, 30};
  for (const auto& expected : {none, bounded}) {
    const auto judged = verdict::judge_run(expected, outcome);
    (void)verdict::why_of(verdict::worst_of(judged), outcome, judged);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome = verdict::outcome_from_json(std::string(fuzz::text_of(data, size)));
  if (!outcome) return 0;
  const std::string text = verdict::to_json(*outcome);
  const auto again = verdict::outcome_from_json(text);
  fuzz::must(static_cast<bool>(again), "an outcome is not read back", text);
  fuzz::must(verdict::to_json(*again) == text, "an outcome changed", text, verdict::to_json(*again));
  judge(*outcome);
  fuzz::planted(outcome->hangs.size() > 1 && !outcome->hello);
  return 0;
}
