// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"

#include "harness/base/text.h"
#include "harness/mail/report.h"

namespace hangar::mail {
namespace {

using Json = nlohmann::ordered_json;

Json origin_json(const Provenance& origin) {
  return {{"subject", or_null(origin.subject)},
          {"from", or_null(origin.from)},
          {"date", or_null(origin.date)},
          {"message_id", or_null(origin.message_id)},
          {"found_in", origin.found_in}};
}

Json hunk_json(const patch::Hunk& hunk) {
  return {{"old_start", hunk.old_start}, {"old_count", hunk.old_count}, {"new_start", hunk.new_start},
          {"new_count", hunk.new_count}, {"mail_line", hunk.at_line},   {"damaged", !hunk.whole()},
          {"damage", hunk.damage},       {"notes", hunk.notes}};
}

void add_placement(Json& json, const patch::Placement& placement, const std::vector<std::string>& around) {
  const bool failed = !placement.applied();
  json["result"] = patch::word(placement.kind);
  json["line"] = placement.line == 0 ? Json() : Json(placement.line);
  json["offset"] = failed ? Json() : Json(placement.offset);
  json["fuzz"] = failed ? Json() : Json(placement.fuzz);
  json["reason"] = or_null(placement.reason);
  json["source"] = around;
}

Json file_json(const patch::FileChange& file, const patch::FileTrial* trial) {
  Json json = {
      {"path", file.path()}, {"hunks", Json::array()}, {"damaged", !file.whole()}, {"damage", file.damage}};
  if (trial != nullptr) json["complaint"] = or_null(trial->complaint);
  for (size_t i = 0; i < file.hunks.size(); ++i) {
    Json hunk = hunk_json(file.hunks[i]);
    if (trial != nullptr) add_placement(hunk, trial->hunks[i], trial->around[i]);
    json["hunks"].push_back(std::move(hunk));
  }
  return json;
}

Json patch_json(const Patch& patch, const patch::Trial* trial) {
  Json json = origin_json(patch.origin);
  json["title"] = patch.title;
  json["author"] = or_null(patch.author);
  json["quoted_depth"] = patch.depth;
  json["notes"] = patch.notes;
  json["files"] = Json::array();
  for (size_t i = 0; i < patch.files.size(); ++i)
    json["files"].push_back(file_json(patch.files[i], trial == nullptr ? nullptr : &trial->files[i]));
  return json;
}

}  // namespace

std::string to_json(const Report& report) {
  const Findings& findings = report.findings;
  Json json = {{"schema", "hangar.import/1"}, {"onto", or_null(report.onto)}, {"patches", Json::array()}};
  for (size_t i = 0; i < findings.patches.size(); ++i) {
    json["patches"].push_back(
        patch_json(findings.patches[i], i < report.trials.size() ? &report.trials[i] : nullptr));
  }
  json["programs"] = Json::array();
  for (const Program& program : findings.programs) {
    Json entry = origin_json(program.origin);
    entry["bytes"] = program.text.size();
    json["programs"].push_back(std::move(entry));
  }
  json["logs"] = Json::array();
  for (const Observed& log : findings.logs) {
    Json entry = origin_json(log.origin);
    entry["bytes"] = log.text.size();
    json["logs"].push_back(std::move(entry));
  }
  if (!report.onto.empty()) {
    const patch::Tally t = patch::tally(report.trials);
    json["totals"] = {{"exact", t.exact},
                      {"offset", t.offset},
                      {"fuzz", t.fuzz},
                      {"merged", t.merged},
                      {"failed", t.failed}};
  }
  json["lost"] = findings.lost;
  json["notes"] = findings.notes;
  json["written"] = Json::array();
  for (const auto& output : report.written) {
    json["written"].push_back(
        {{"kind", output.kind}, {"path", output.path}, {"complaint", or_null(output.complaint)}});
  }
  return json_text(json, 1);
}

}  // namespace hangar::mail
