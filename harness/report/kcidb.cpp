// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/kcidb.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/report/json_parts.h"
#include "harness/report/status.h"
#include "harness/run/report.h"
#include "harness/subtest/subtests.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;

constexpr size_t max_excerpt = 16384;  // characters
constexpr size_t id_digits = 16;       // of a SHA-256 digest in an id

const char* status_word(Status status) {
  switch (status) {
    case Status::pass:
      return "PASS";
    case Status::inconclusive:
      return "ERROR";
    case Status::fail:
    case Status::hang:
      return "FAIL";
    case Status::infra_error:
      break;
  }
  return "MISS";  // ERROR is the test's own fault
}

const char* status_word(subtest::Result result) {
  if (result == subtest::Result::skip) return "SKIP";
  return result == subtest::Result::ok ? "PASS" : "FAIL";
}

// The value without what the schema refuses: null, numbers that JSON does not have, NUL bytes.
ordered_json allowed(const ordered_json& value) {
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    for (size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
      text.replace(at, 1, "\\x00");
    return text;
  }
  if (!value.is_structured()) return value;
  ordered_json out = value.is_array() ? ordered_json::array() : ordered_json::object();
  for (const auto& item : value.items()) {
    const ordered_json& one = item.value();
    if (one.is_null() || (one.is_number_float() && !std::isfinite(one.get<double>()))) continue;
    if (value.is_array()) {
      out.push_back(allowed(one));
    } else {
      out[item.key()] = allowed(one);
    }
  }
  return out;
}

std::string short_digest(std::string_view text) {
  return sha256(text).substr(0, id_digits);
}

std::string build_name(const Cell& cell) {
  const std::string& digest = cell.runs.front().row.kernel_digest;
  return digest.empty() ? short_digest(cell.kernel + "\n" + release_of(cell)) : digest;
}

std::string id(const ExportOptions& options, std::string_view kind, std::string_view name) {
  return fmt::format("{}:{}{}", options.origin, kind, name);
}

// Kernels that differ only in their command line are one build.
std::vector<std::string> kernels_of(const Contents& contents, const std::string& build) {
  std::vector<std::string> names;
  for (const Cell& cell : contents.cells) {
    const bool named = std::find(names.begin(), names.end(), cell.kernel) != names.end();
    if (build_name(cell) == build && !named) names.push_back(cell.kernel);
  }
  return names;
}

// Of the cell's first run that has a record.
const store::RunInfo* info_of(const Cell& cell) {
  const auto recorded =
      std::find_if(cell.runs.begin(), cell.runs.end(), [](const Run& run) { return run.record.has_value(); });
  return recorded == cell.runs.end() ? nullptr : &recorded->record->info;
}

// A tree that differs from its commit, or may differ, is not that commit.
void add_revision(const store::RunInfo& info, ordered_json& checkout) {
  if (info.kernel_revision.empty()) return;
  const bool sha1 = info.kernel_revision.size() == 40;  // the schema has no other
  if (sha1 && info.kernel_dirty == false) checkout["git_commit_hash"] = info.kernel_revision;
  checkout["misc"]["kernel_revision"] = info.kernel_revision;
  if (info.kernel_dirty) checkout["misc"]["kernel_dirty"] = *info.kernel_dirty;
}

ordered_json checkout_json(const std::vector<std::string>& kernels, const Cell& cell,
                           const ExportOptions& options) {
  ordered_json checkout = {
      {"id", id(options, "checkout-", build_name(cell))},
      {"origin", options.origin},
      {"comment", sanitize_for_terminal(fmt::format("{} ({})", join(kernels, ", "), release_of(cell)))},
      {"valid", true},
      {"misc", {{"kernels", kernels}, {"kernel_release", or_null(release_of(cell))}}}};
  if (const store::RunInfo* info = info_of(cell)) add_revision(*info, checkout);
  return checkout;
}

ordered_json build_json(const std::vector<std::string>& kernels, const Cell& cell,
                        const ExportOptions& options) {
  return {{"id", id(options, "build-", build_name(cell))},
          {"checkout_id", id(options, "checkout-", build_name(cell))},
          {"origin", options.origin},
          {"comment", sanitize_for_terminal(join(kernels, ", "))},
          {"architecture", "x86_64"},
          {"status", "PASS"},
          {"misc", {{"kernels", kernels}, {"kernel_digest", or_null(cell.runs.front().row.kernel_digest)}}}};
}

// Parts of a path have letters, digits, `_` and `-`.
std::string path_part(std::string name) {
  if (name.empty()) name = "unnamed";
  for (char& c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '_') c = '_';
  }
  return name;
}

std::string path_of(const Cell& cell) {
  return "hangar." + path_part(cell.scenario);
}

// At most max_excerpt bytes, which are not fewer than characters, cut between two characters.
std::string excerpt_of(const Run& run) {
  std::string text;
  for (const auto& lines : {proof_of(run), tail_of(run)})
    for (const std::string& line : lines) text += sanitize_for_terminal(line) + "\n";
  if (text.size() <= max_excerpt) return text;
  size_t end = max_excerpt;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string log_url(const Run& run, const ExportOptions& options) {
  std::string base = options.log_url_base;
  while (base.ends_with('/')) base.pop_back();
  std::string url = base + "/";
  for (const char c : run.row.id) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url + "/serial.log";
}

// What tests of runs, of their parts and of cells have in common.
ordered_json test_json(const Cell& cell, const char* status, const std::string& why,
                       const ExportOptions& options) {
  return {{"build_id", id(options, "build-", build_name(cell))},
          {"origin", options.origin},
          {"status", status},
          {"comment", sanitize_for_terminal(why)},
          {"environment", {{"comment", sanitize_for_terminal(cell.machine)}}}};
}

void set_duration(ordered_json& test, double seconds) {
  if (std::isfinite(seconds) && seconds >= 0) test["duration"] = seconds;
}

ordered_json run_json(const Cell& cell, const Run& run, const ExportOptions& options) {
  const std::string why = reason_of(run);
  ordered_json test = test_json(cell, status_word(status_of(run)), why, options);
  test["id"] = id(options, "", run.row.id);
  test["path"] = path_of(cell);
  if (const std::string at = started_at(run); !at.empty()) test["start_time"] = at;
  set_duration(test, wall_s(run));
  if (run.row.qemu) test["environment"]["misc"] = {{"qemu", *run.row.qemu}};
  if (const std::string text = excerpt_of(run); !text.empty()) test["log_excerpt"] = text;
  if (!options.log_url_base.empty() && run.record) test["log_url"] = log_url(run, options);
  const ordered_json row = row_json(run.row);
  test["misc"] = {{"kernel", cell.label},
                  {"cmdline", run.row.cmdline},
                  {"verdict", verdict_text(status_of(run))},
                  {"why", why},
                  {"end", run.row.end},
                  {"hangs", row["hangs"]},
                  {"kills", row["kills"]},
                  {"crashes", row["crashes"]},
                  {"hang_rate", run::hang_rate_json(cell.hang_rate)}};
  return test;
}

// The parts of a run that its program reported, as tests below it.
void add_subtests(const Cell& cell, const Run& run, const ExportOptions& options, ordered_json& tests) {
  int number = 0;
  for (const subtest::Subtest& part : subtests_of(run)) {
    ordered_json test = test_json(cell, status_word(part.result), part.name, options);
    test["id"] = id(options, "", fmt::format("{}-{}", run.row.id, ++number));
    test["path"] = path_of(cell) + "." + path_part(part.name);
    test["misc"] = {{"run", run.row.id}, {"name", part.name}, {"reason", or_null(part.reason)}};
    tests.push_back(std::move(test));
  }
}

ordered_json cell_json(const Cell& cell, const ExportOptions& options) {
  const std::string why = reason_of(cell);
  ordered_json test = test_json(cell, status_word(status_of(cell)), why, options);
  std::vector<std::string> ids;
  double seconds = 0;
  for (const Run& run : cell.runs) {
    ids.push_back(run.row.id);
    seconds += wall_s(run);
  }
  test["id"] = id(options, "cell-", short_digest(join(ids, "\n")));
  test["path"] = path_of(cell) + ".cell";
  if (const std::string at = started_at(cell.runs.front()); !at.empty()) test["start_time"] = at;
  set_duration(test, seconds);
  if (cell.hang_rate.runs > 0)
    test["number"] = {{"value", static_cast<double>(cell.hang_rate.hits) / cell.hang_rate.runs}};
  test["misc"] = {{"kernel", cell.label},
                  {"verdict", verdict_text(status_of(cell))},
                  {"why", why},
                  {"hang_rate", run::hang_rate_json(cell.hang_rate)},
                  {"boots", or_null(cell.boots)},
                  {"median_longest_hang", median_json(cell)},
                  {"runs", ids}};
  return test;
}

}  // namespace

std::string to_kcidb(const Contents& contents, const ExportOptions& options) {
  ordered_json checkouts = ordered_json::array();
  ordered_json builds = ordered_json::array();
  ordered_json tests = ordered_json::array();
  std::map<std::string, bool> seen;
  for (const Cell& cell : contents.cells) {
    const std::vector<std::string> kernels = kernels_of(contents, build_name(cell));
    if (!std::exchange(seen[build_name(cell)], true)) {
      checkouts.push_back(checkout_json(kernels, cell, options));
      builds.push_back(build_json(kernels, cell, options));
    }
    for (const Run& run : cell.runs) {
      tests.push_back(run_json(cell, run, options));
      add_subtests(cell, run, options, tests);
    }
    tests.push_back(cell_json(cell, options));
  }
  const ordered_json all = {{"version", {{"major", 5}, {"minor", 3}}},
                            {"checkouts", std::move(checkouts)},
                            {"builds", std::move(builds)},
                            {"tests", std::move(tests)}};
  return json_text(allowed(all), 1) + "\n";
}

}  // namespace hangar::report
