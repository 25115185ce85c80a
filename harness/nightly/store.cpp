// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/store.h"

#include <utility>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::nightly {
namespace {

using nlohmann::json;

constexpr const char* history_file = "history.jsonl";
constexpr const char* night_file = "night.json";
constexpr const char* findings_file = "findings.json";
constexpr const char* night_schema = "hangar.nightly-night/1";
constexpr const char* findings_schema = "hangar.nightly-findings/1";

}  // namespace

HANGAR_JSON_FIELDS_IF(Series, target, scenario)
HANGAR_JSON_FIELDS_IF(Kernel, name, revision, signature)
HANGAR_JSON_FIELDS_IF(Run, id, seen, boot)
HANGAR_JSON_FIELDS_IF(Tally, hits, runs, excluded)
HANGAR_JSON_FIELDS_IF(Decision, kind, baseline, kernel)
HANGAR_JSON_FIELDS_IF(Sample, series, night, kernel, tally, seconds, ids, decision)
HANGAR_JSON_FIELDS_IF(TargetNight, name, revision, subject, kernel, build_s, changed, failed, reason)
HANGAR_JSON_FIELDS_IF(Planned, series, urgency, runs)
HANGAR_JSON_FIELDS_IF(NotTested, series, reason, failure)
HANGAR_JSON_FIELDS_IF(Night, number, date, phase, spent_s, stopped, targets, planned, samples, not_tested)
HANGAR_JSON_FIELDS_IF(Terms, level, rise, good_rate, bad_rate)
HANGAR_JSON_FIELDS_IF(Pair, good, bad)
HANGAR_JSON_FIELDS_IF(Bisected, answer, culprit, subject, verified, id, base)
HANGAR_JSON_FIELDS_IF(Finding, id, series, state, night, date, closed, reference, good, bad, terms, rose, p,
                      pairs, bisected, bisections, bisect_error, text, text_error, fixed_night)

namespace {

std::string night_text(const Night& night) {
  json out;
  to_json(out, night);
  out["schema"] = night_schema;
  return json_text(out);
}

Result<Night> night_from(std::string_view text) {
  TRY_ASSIGN(const json in, parse_json(text));
  const auto schema = field<std::string>(in, "schema");
  if (schema != night_schema)
    return user_error(fmt::format("unsupported schema version `{}`", schema.value_or("none")));
  return decode_as<Night>(in, "a night");
}

Result<std::vector<Night>> history_from(const std::string& text) {
  std::vector<Night> history;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    auto night = night_from(line);
    if (!night) return std::move(night).error().within(fmt::format("line {}", number));
    history.push_back(std::move(*night));
  }
  return history;
}

Result<std::vector<Finding>> findings_from(const std::string& text) {
  TRY_ASSIGN(const json in, parse_json(text));
  const auto schema = field<std::string>(in, "schema");
  if (schema != findings_schema)
    return user_error(fmt::format("unsupported schema version `{}`", schema.value_or("none")));
  const auto list = in.find("findings");
  if (list == in.end()) return user_error("it has no `findings`");
  return decode_as<std::vector<Finding>>(*list, "a list of findings");
}

// What a file has, by `read`; nothing if it does not exist.
template <typename T>
Result<void> load_file(const fs::path& file, Result<T> (*read)(const std::string&), T& into) {
  if (!fs::exists(file)) return {};
  TRY_ASSIGN(const std::string text, read_file(file));
  auto value = read(text);
  if (!value) return std::move(value).error().within(file.string());
  into = std::move(*value);
  return {};
}

Result<std::optional<Night>> one_night(const std::string& text) {
  TRY_ASSIGN(Night night, night_from(text));
  return std::optional<Night>(std::move(night));
}

fs::path folder_of(const fs::path& state, const std::string& name) {
  return state / "nightly" / name;
}

// The night first: with the history of a night that ends in between, it is still the newest one.
Result<State> load_folder(const fs::path& folder) {
  State state;
  TRY(load_file(folder / night_file, one_night, state.night));
  TRY(load_file(folder / history_file, history_from, state.history));
  TRY(load_file(folder / findings_file, findings_from, state.findings));
  return state;
}

}  // namespace

Result<FolderStore> FolderStore::open(const fs::path& state, const std::string& name) {
  const fs::path folder = folder_of(state, name);
  TRY(fs::create_directories(folder));
  TRY_ASSIGN(auto lock, FileLock::try_acquire(folder / "lock"));
  if (lock) return FolderStore(folder, std::move(*lock));
  return user_error(
      fmt::format("another process runs the nightly job `{}`: wait until its night ends, or stop it "
                  "(the lock is {})",
                  name, (folder / "lock").string()));
}

Result<State> load_state(const fs::path& state, const std::string& name) {
  return load_folder(folder_of(state, name));
}

Result<State> FolderStore::load() const {
  return load_folder(folder_);
}

Result<void> FolderStore::save_night(const Night& night) {
  return write_file_durably(folder_ / night_file, night_text(night) + "\n");
}

Result<void> FolderStore::save_findings(const std::vector<Finding>& findings) {
  json out;
  out["schema"] = findings_schema;
  out["findings"] = json::array();
  for (const Finding& finding : findings) to_json(out["findings"].emplace_back(), finding);
  return write_file_durably(folder_ / findings_file, json_text(out, 1) + "\n");
}

Result<void> FolderStore::save_history(const std::vector<Night>& history) {
  std::string text;
  for (const Night& night : history) text += night_text(night) + "\n";
  return write_file_durably(folder_ / history_file, text);
}

}  // namespace hangar::nightly
