// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/verdict/judge.h"

// verdict.json of a run directory, as verdict_json() writes it.
namespace hangar::run {

struct StoredVerdict {
  verdict::Verdict verdict = verdict::Verdict::infra_error;
  std::string by;         // the scenario file or text; "": not recorded
  std::string judged_at;  // UTC; "": not recorded
  std::vector<verdict::Judgement> judgements;
};

[[nodiscard]] Result<StoredVerdict> verdict_from_json(const std::string& text);
[[nodiscard]] std::optional<verdict::Verdict> verdict_from_word(const std::string& word);

}  // namespace hangar::run
