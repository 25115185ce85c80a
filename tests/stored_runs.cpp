// SPDX-License-Identifier: GPL-2.0-only
#include "tests/stored_runs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <regex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/outcome/host_load.h"
#include "harness/outcome/judge.h"
#include "harness/outcome/judging.h"
#include "harness/run/bundle.h"
#include "harness/store/run_directory.h"
#include "tests/places.h"

namespace hangar::stored_runs {
namespace {

using nlohmann::ordered_json;
namespace names_of = store::names;

Result<void> copy_into(const fs::path& from, const fs::path& into) {
  std::error_code code;
  std::filesystem::copy_file(from, into / from.filename(), code);
  if (code) return infra_error(fmt::format("cannot copy {}: {}", from.string(), code.message()));
  return {};
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

ordered_json compact(const ordered_json& in) {
  if (in.is_object() && in.size() == 2 && in.contains("line") && in.contains("text")) return in.at("line");
  if (in.is_number_float()) return rounded(in.get<double>());
  if (!in.is_structured()) return in;
  ordered_json out = in;
  for (ordered_json& value : out) value = compact(value);
  return out;
}

const std::regex& machine_path() {
  static const std::regex pattern(R"(/(home|root|tmp|var|work)/[^\s"',;)]*)");
  return pattern;
}

// The word number `index` of a line, from 0, rounded to milliseconds if it is a number.
std::string with_rounded_word(std::string_view line, size_t index) {
  auto words = split(line, ' ');
  std::vector<std::string> out(words.begin(), words.end());
  double value = 0;
  if (index < out.size()) {
    const auto end = out[index].data() + out[index].size();
    if (std::from_chars(out[index].data(), end, value).ptr == end)
      out[index] = fmt::format("{}", rounded(value));
  }
  return join(out, " ");
}

std::string compact_object(std::string_view line) {
  const auto object = ordered_json::parse(line, nullptr, false);
  const std::string text = object.is_discarded() ? std::string(line) : compact(object).dump();
  return std::regex_replace(text, machine_path(), "PATH");
}

// Copies a file of lines, each changed by `change`; a file that does not exist is left out.
template <typename Change>
Result<void> copy_lines(const store::RunDirectory& run, std::string_view name, const fs::path& into,
                        Change&& change) {
  std::error_code code;
  if (!fs::exists(run.file(name))) return {};
  TRY_ASSIGN(const std::string text, read_file(run.file(name)));
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) out += change(line) + "\n";
  }
  return write_file(into / name, out);
}

Result<void> copy_bundle(const store::RunDirectory& run, const fs::path& into) {
  TRY_ASSIGN(const std::string text, read_file(run.file(run::bundle_file)));
  TRY_ASSIGN(auto bundle, run::bundle_from_json(text));
  bundle.placement = {};  // of this host
  return write_file(into / run::bundle_file, run::to_json(bundle));
}

Result<void> copy_info(const store::RunDirectory& run, const fs::path& into) {
  TRY_ASSIGN(auto info, run.load_info());
  info.qemu_argv.clear();
  if (info.scenario_file.is_absolute()) info.scenario_file.clear();
  return write_file(into / names_of::run, store::to_json(info));
}

// Byte offsets into it are in serial.idx: it stays as it is.
Result<void> copy_serial(const store::RunDirectory& run, const fs::path& into) {
  const auto serial = run.serial();
  if (!serial) return {};  // QEMU never started
  TRY(copy_into(*serial, into));
  TRY_ASSIGN(const auto copied, store::RunDirectory::open(into));
  return copied.compress();
}

}  // namespace

fs::path folder() {
  return fs::path(places::source) / "tests/data/runs";
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder(), code)) {
    if (entry.is_directory(code)) all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

Result<std::string> facts_of(const fs::path& run) {
  // Judging writes into the run directory.
  TRY_ASSIGN(const TempDir copied, TempDir::make(std::filesystem::temp_directory_path(), "stored-run-"));
  for (const auto& entry : std::filesystem::directory_iterator(run))
    TRY(copy_into(entry.path(), copied.path()));
  TRY_ASSIGN(const std::string text, read_file(run / run::bundle_file));
  TRY_ASSIGN(const auto bundle, run::bundle_from_json(text));
  TRY_ASSIGN(const auto judging, outcome::choose_judging(bundle, {}, places::source, {std::nullopt, true}));
  TRY_ASSIGN(const auto report, outcome::judge_directory(copied.path(), judging.expected, judging.by));
  ordered_json expectations = ordered_json::array();
  for (const auto& judgement : report.judgements) {
    expectations.push_back(
        {{"text", judgement.text}, {"verdict", to_text(judgement.verdict)}, {"got", judgement.got}});
  }
  const ordered_json facts = {{"verdict", to_text(report.verdict)},
                              {"expectations", expectations},
                              {"outcome", compact(ordered_json::parse(verdict::to_json(report.outcome)))}};
  return facts.dump(1) + "\n";
}

Result<fs::path> add(const fs::path& run, const std::string& name) {
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(run));
  const fs::path into = folder() / name;
  std::error_code code;
  if (fs::exists(into)) return user_error(into.string() + " exists already");
  TRY(fs::create_directories(into));
  TRY(copy_bundle(stored, into));
  TRY(copy_info(stored, into));
  TRY(copy_serial(stored, into));
  for (const std::string_view file :
       {names_of::agent, names_of::events, std::string_view(outcome::host_load_file)})
    TRY(copy_lines(stored, file, into, compact_object));
  TRY(copy_lines(stored, names_of::pulse, into,
                 [](std::string_view line) { return with_rounded_word(line, 0); }));
  TRY(copy_lines(stored, names_of::serial_times, into,
                 [](std::string_view line) { return with_rounded_word(line, 1); }));
  TRY_ASSIGN(const std::string facts, facts_of(into));
  TRY(write_file(into / facts_file, facts));
  return into;
}

std::vector<std::string> machine_paths(const std::string& text) {
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), machine_path()); at != std::sregex_iterator();
       ++at)
    found.push_back(at->str());
  return found;
}

}  // namespace hangar::stored_runs
