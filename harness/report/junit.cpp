// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/junit.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "harness/base/text.h"
#include "harness/report/status.h"
#include "harness/subtest/subtests.h"

namespace hangar::report {
namespace {

using pugi::xml_node;

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// XML 1.0 excludes control characters, U+FFFE and U+FFFF even if they are escaped. Jenkins and GitLab attach
// files that system-out names by [[ATTACHMENT|path]]: a guest must not choose one.
std::string xml_text(std::string_view text) {
  std::string out = sanitize_for_terminal(text);
  out = replace_all(std::move(out), "\xef\xbf\xbe", "\\xef\\xbf\\xbe");
  out = replace_all(std::move(out), "\xef\xbf\xbf", "\\xef\\xbf\\xbf");
  return replace_all(std::move(out), "[[ATTACHMENT", "[ [ATTACHMENT");
}

void set(xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name).set_value(xml_text(value).c_str());
}

void set_seconds(xml_node node, double seconds) {
  set(node, "time", fmt::format("{:.3f}", seconds));
}

void add_property(xml_node properties, const char* name, std::string_view value) {
  if (value.empty()) return;
  const xml_node property = xml_node(properties).append_child("property");
  set(property, "name", name);
  set(property, "value", value);
}

std::string lines_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += xml_text(line) + "\n";
  return text;
}

struct Counts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double seconds = 0;
};

void set_counts(xml_node node, const Counts& counts) {
  set(node, "tests", std::to_string(counts.tests));
  set(node, "failures", std::to_string(counts.failures));
  set(node, "errors", std::to_string(counts.errors));
  set(node, "skipped", std::to_string(counts.skipped));
  set_seconds(node, counts.seconds);
}

// The element of a status that is not a pass.
void add_result(xml_node test, Status status, const std::string& reason,
                const std::vector<std::string>& proof, Counts& counts) {
  ++counts.tests;
  if (status == Status::pass) return;
  const bool error = status == Status::infra_error;
  ++(error ? counts.errors : counts.failures);
  xml_node result = test.append_child(error ? "error" : "failure");
  set(result, "type", to_string(status));
  set(result, "message", reason);
  result.text().set(lines_text(proof).c_str());
}

// Dots separate packages from classes for Jenkins.
std::string class_name(const Cell& cell) {
  const auto part = [](std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
  };
  return fmt::format("{}.{}", part(cell.scenario), part(cell.label));
}

xml_node add_test(xml_node suite, const Cell& cell, const std::string& name, double seconds) {
  const xml_node test = suite.append_child("testcase");
  set(test, "name", name);
  set(test, "classname", class_name(cell));
  set_seconds(test, seconds);
  return test;
}

void add_run_properties(xml_node test, const Run& run) {
  const xml_node properties = test.append_child("properties");
  add_property(properties, "verdict", verdict_text(status_of(run)));
  add_property(properties, "started_at", started_at(run));
  add_property(properties, "end", run.row.end);
  add_property(properties, "oom_kills", std::to_string(own_kills(run.row).size()));
  add_property(properties, "victims", victims_text(own_kills(run.row)));
  for (const std::string& fact : facts_of(run))
    if (fact.starts_with("hang: ")) add_property(properties, "hang", fact.substr(6));
  if (run.record) add_property(properties, "directory", run.record->directory.string());
}

std::vector<std::string> output_of(const Run& run, const std::vector<std::string>& proof) {
  std::vector<std::string> lines = facts_of(run);
  lines.insert(lines.end(), proof.begin(), proof.end());
  const std::vector<std::string> tail =
      status_of(run) == Status::pass ? std::vector<std::string>() : tail_of(run);
  if (!tail.empty()) lines.push_back("last lines of serial.log:");
  for (const std::string& line : tail) lines.push_back("  " + line);
  return lines;
}

void add_run(xml_node suite, const Cell& cell, const Run& run, Counts& counts) {
  xml_node test = add_test(suite, cell, run.row.id, wall_s(run));
  counts.seconds += wall_s(run);
  add_run_properties(test, run);
  const std::vector<std::string> proof = proof_of(run);
  add_result(test, status_of(run), reason_of(run), proof, counts);
  const std::string output = lines_text(output_of(run, proof));
  if (!output.empty()) test.append_child("system-out").text().set(output.c_str());
}

// Named by the run, their number and themselves: "20261130-0412-1a2b/3 mm/read".
void add_subtests(xml_node suite, const Cell& cell, const Run& run, Counts& counts) {
  int number = 0;
  for (const subtest::Subtest& part : subtests_of(run)) {
    xml_node test = add_test(suite, cell, fmt::format("{}/{} {}", run.row.id, ++number, part.name), 0);
    ++counts.tests;
    if (part.result == subtest::Result::ok) continue;
    const bool skipped = part.result == subtest::Result::skip;
    ++(skipped ? counts.skipped : counts.failures);
    const xml_node result = test.append_child(skipped ? "skipped" : "failure");
    set(result, "message", part.reason);
  }
}

void add_cell_properties(xml_node suite, const Cell& cell) {
  const xml_node properties = suite.append_child("properties");
  add_property(properties, "scenario", cell.scenario);
  add_property(properties, "kernel", cell.kernel);
  add_property(properties, "kernel_release", release_of(cell));
  add_property(properties, "machine", cell.machine);
  add_property(properties, "judged_as", cell.judged_as);
  add_property(properties, "verdict", verdict_text(status_of(cell)));
  add_property(properties, "hang_rate", rate_text(cell));
  if (cell.boots) add_property(properties, "boots", std::to_string(*cell.boots));
  if (cell.summary.hung > 0)
    add_property(properties, "median_longest_hang", compare::duration_text(cell.summary));
}

Counts add_suite(xml_node root, const Cell& cell) {
  xml_node suite = root.append_child("testsuite");
  set(suite, "name", fmt::format("{} on {}", cell.scenario, cell.label));
  std::string started = started_at(cell.runs.front());
  if (started.ends_with('Z')) started.pop_back();  // the schema of the attribute has no zone
  if (!started.empty()) set(suite, "timestamp", started);
  add_cell_properties(suite, cell);
  Counts counts;
  for (const Run& run : cell.runs) {
    add_run(suite, cell, run, counts);
    add_subtests(suite, cell, run, counts);
  }
  xml_node test = add_test(suite, cell, "cell", 0);
  std::vector<std::string> proof = proof_of(cell);
  proof.insert(proof.begin(), "hung: " + rate_text(cell));
  add_result(test, status_of(cell), reason_of(cell), proof, counts);
  test.append_child("system-out").text().set(lines_text(proof).c_str());
  set_counts(suite, counts);
  return counts;
}

}  // namespace

std::string to_junit(const Contents& contents) {
  pugi::xml_document document;
  xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  xml_node root = document.append_child("testsuites");
  set(root, "name", contents.title);
  Counts all;
  for (const Cell& cell : contents.cells) {
    const Counts counts = add_suite(root, cell);
    all.tests += counts.tests;
    all.failures += counts.failures;
    all.errors += counts.errors;
    all.skipped += counts.skipped;
    all.seconds += counts.seconds;
  }
  set_counts(root, all);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace hangar::report
