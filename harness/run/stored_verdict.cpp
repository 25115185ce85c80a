// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/stored_verdict.h"

#include "harness/base/json.h"

namespace hangar::verdict {

static bool from_word(const std::string& word, Verdict& into) {
  const auto verdict = run::verdict_from_word(word);
  if (verdict) into = *verdict;
  return verdict.has_value();
}

static void read_fields(JsonReader& in, CitedLine& line) {
  in.take("line", line.line).take("text", line.text);
}

static void read_fields(JsonReader& in, Judgement& judgement) {
  in.take("text", judgement.text).take("verdict", judgement.verdict).take("got", judgement.got);
  in.take("lines", judgement.lines);
}

}  // namespace hangar::verdict

namespace hangar::run {

static void read_fields(JsonReader& in, StoredVerdict& stored) {
  in.take("verdict", stored.verdict).take_if("by", stored.by).take_if("judged_at", stored.judged_at);
  in.take_if("expectations", stored.judgements);
}

Result<StoredVerdict> verdict_from_json(const std::string& text) {
  TRY_ASSIGN(const nlohmann::json in, parse_json(text));
  return decode_as<StoredVerdict>(in, "a verdict of hangar.verdict/1");
}

std::optional<verdict::Verdict> verdict_from_word(const std::string& word) {
  using verdict::Verdict;
  for (const Verdict verdict : {Verdict::pass, Verdict::inconclusive, Verdict::fail, Verdict::infra_error})
    if (to_text(verdict) == word) return verdict;
  return std::nullopt;
}

}  // namespace hangar::run
