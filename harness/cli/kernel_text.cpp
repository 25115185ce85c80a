// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/kernel_text.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/kernel/spec/series.h"
#include "harness/kernel/spec/spec.h"
#include "harness/kernel/spec/spec_diff.h"
#include "harness/kernel/spec/spec_version.h"
#include "harness/mail/import.h"
#include "harness/scenario/program.h"

namespace hangar::cli {
namespace {

// The name alone: a series may be given by its folder.
std::string series_name(const std::string& name) {
  return fs::path(name).filename().string();
}

void add_patches(const kernel::Spec& spec, const std::string& name,
                 std::vector<report::TestedPatch>& patches) {
  const auto series = kernel::load_series(spec.kernels, name);
  if (!series) return;
  const auto files = kernel::select_patches(*series, kernel::version_of(spec.source));
  if (!files) return;
  for (const kernel::PatchFile& file : *files) {
    for (const mail::Patch& patch : mail::find_all(file.text, file.name).patches) {
      std::string title = patch.title.empty() ? file.name : patch.title;
      patches.push_back({sanitize_for_terminal(title), sanitize_for_terminal(patch.origin.message_id)});
    }
  }
}

// Each header of Hangar's own once, in place of its #include.
std::string with_includes(const fs::path& file, const fs::path& tree, std::set<std::string>& seen) {
  const auto text = read_file(file);
  if (!text) return "";
  std::string out;
  for (const std::string_view line : split(*text, '\n')) {
    const std::size_t begin = line.find("#include \"");
    if (begin != 0) {
      if (!line.starts_with("#pragma once")) out += std::string(line) + "\n";
      continue;
    }
    const std::string name(line.substr(10, line.rfind('"') - 10));
    fs::path header = (file.parent_path() / name).lexically_normal();
    if (!fs::exists(header)) header = tree / "images" / "guest" / name;
    if (seen.insert(header.filename().string()).second) out += with_includes(header, tree, seen);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

// What was built, as the run recorded it. A tree in some folder is a git tree for readers elsewhere.
void take_record(const report::Record& record, report::KernelText& text) {
  const store::RunInfo& info = record.info;
  if (!info.kernel_source.starts_with('/')) text.source = info.kernel_source;
  if (!info.kernel_revision.empty()) {
    text.revision = info.kernel_revision;
    if (!info.kernel_dirty) text.revision += ", perhaps with uncommitted changes";
    if (info.kernel_dirty.value_or(false))
      text.revision += " with uncommitted changes (at the end of this mail)";
  }
  if (!info.kernel_config_digest.empty()) text.config = ".config sha256 " + info.kernel_config_digest;
  if (auto diff = read_file(record.directory / store::names::kernel_diff)) text.diff = sanitize_lines(*diff);
}

// The file of the program, or of that of a step: that of the scenario's text as it was run. `step` is its
// number, from 1; 0: there is no sequence.
fs::path program_file(const fs::path& tree, const report::Record& record, std::size_t step) {
  const fs::path recorded = record.info.scenario_file;
  const fs::path file = recorded.is_absolute() ? recorded : tree / recorded;
  const auto scenario = scenario::parse_scenario(record.spec.scenario_yaml, file);
  if (!scenario || step > scenario->sequence.size()) return {};
  const scenario::Reproducer& reproducer =
      step == 0 ? scenario->reproducer : scenario->sequence[step - 1].reproducer;
  const auto place = scenario::find_program(reproducer, file, tree);
  if (!place) return {};
  if (place->file) return *place->file;
  for (const char* folder : {"reproducers", "tests/guests"}) {
    fs::path found = tree / folder / place->name / (place->name + ".c");
    if (fs::exists(found)) return found;
  }
  return {};
}

report::ProgramText program_text(const std::string& tree, const report::Record& record,
                                 const std::vector<std::string>& argv, std::size_t step) {
  report::ProgramText program;
  program.name = fs::path(argv.front()).filename().string();
  if (record.spec.exec) return program;
  std::set<std::string> seen;
  const fs::path file = program_file(tree, record, step);
  if (file.extension() == ".c") program.source = with_includes(file, tree, seen);
  return program;
}

}  // namespace

report::KernelText kernel_text(const std::string& tree, const report::Run& run) {
  report::KernelText text;
  if (run.record) take_record(*run.record, text);
  const auto spec = kernel::load_spec(tree, run.row.kernel);
  if (!spec) return text;
  if (text.source.empty()) text.source = kernel::describe(spec->source);
  std::vector<std::string> names;
  std::transform(spec->patches.begin(), spec->patches.end(), std::back_inserter(names), series_name);
  text.patches = join(names, ", ");
  const std::string fragments = join(spec->config, ", ");
  text.config = text.config.empty() ? fragments : fragments + "; " + text.config;
  return text;
}

std::vector<report::TestedPatch> added_patches(const std::string& tree, const std::string& base,
                                               const std::string& patched) {
  std::vector<report::TestedPatch> patches;
  const auto before = kernel::load_spec(tree, base);
  const auto after = kernel::load_spec(tree, patched);
  if (!before || !after) return patches;
  for (const std::string& name : after->patches) {
    if (std::find(before->patches.begin(), before->patches.end(), name) == before->patches.end())
      add_patches(*after, name, patches);
  }
  return patches;
}

std::vector<std::string> spec_differences(const std::string& tree, const std::string& base,
                                          const std::string& patched) {
  std::vector<std::string> lines;
  const auto before = kernel::load_spec(tree, base);
  const auto after = kernel::load_spec(tree, patched);
  if (!before || !after) return lines;
  for (const kernel::SpecChange& change : kernel::diff_specs(*before, *after))
    lines.push_back(fmt::format("{}: {} -> {}", change.what, change.a, change.b));
  return lines;
}

std::vector<report::ProgramText> program_texts(const std::string& tree, const report::Run& run) {
  if (tree.empty() || !run.record) return {};
  const run::RunSpec& spec = run.record->spec;
  std::vector<report::ProgramText> programs;
  if (!spec.argv.empty()) programs.push_back(program_text(tree, *run.record, spec.argv, 0));
  std::set<std::string> names;
  for (const run::Step& step : spec.steps) {
    if (step.argv.empty() || !names.insert(step.argv.front()).second) continue;
    programs.push_back(program_text(tree, *run.record, step.argv, static_cast<std::size_t>(step.number)));
  }
  return programs;
}

}  // namespace hangar::cli
