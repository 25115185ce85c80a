// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/program.h"

#include <vector>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/text.h"

namespace hangar::scenario {
namespace {

fs::path shipped(const fs::path& source_tree, const std::string& name) {
  return program_folder(source_tree, name) / (name + ".c");
}

// The names that could have been meant.
std::vector<std::string> known_programs(const fs::path& source_tree, const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& place : program_folders(source_tree)) {
    for (const auto& entry : fs::list_or_empty(place)) {
      const std::string name = entry.path().filename().string();
      if (fs::exists(shipped(source_tree, name))) names.push_back(name);
    }
  }
  for (const auto& entry : fs::list_or_empty(folder)) {
    if (entry.path().extension() == ".c") names.push_back(entry.path().stem().string());
  }
  return names;
}

Error at_place(const Reproducer& reproducer, const std::string& what) {
  Error error = reproducer.place;
  error.fault = Fault::user;
  error.message += what;
  return error;
}

bool is_file(const fs::path& path) {
  return fs::is_regular_file(path);
}

bool same_file(const fs::path& a, const fs::path& b) {
  return fs::equivalent(a, b);
}

Result<ProgramPlace> find_file(const Reproducer& reproducer, const fs::path& file) {
  if (!is_file(file)) return at_place(reproducer, fmt::format("missing program file {}", file.string()));
  const bool is_source = file.extension() == ".c";
  return ProgramPlace{(is_source ? file.stem() : file.filename()).string(), file};
}

}  // namespace

Result<ProgramPlace> find_program(const Scenario& scenario, const fs::path& source_tree) {
  return find_program(scenario.reproducer, scenario.file, source_tree);
}

Result<ProgramPlace> find_program(const Reproducer& reproducer, const fs::path& scenario_file,
                                  const fs::path& source_tree) {
  const std::string& program = reproducer.program;
  if (!reproducer.command.empty()) return ProgramPlace{"", std::nullopt};
  const fs::path folder = scenario_file.has_parent_path() ? scenario_file.parent_path() : fs::path(".");
  if (program.find('/') != std::string::npos || program.ends_with(".c"))
    return find_file(reproducer, folder / program);
  const fs::path beside = folder / (program + ".c");
  const fs::path ours = shipped(source_tree, program);
  if (is_file(beside) && !same_file(beside, ours)) return ProgramPlace{program, beside};
  if (is_file(ours)) return ProgramPlace{program, std::nullopt};
  if (is_file(folder / (program + ".c.draft"))) {
    return at_place(reproducer, fmt::format("the program `{0}` is a draft: repair {0}.c.draft, and rename it "
                                            "to {0}.c",
                                            program));
  }
  return at_place(reproducer, fmt::format("no program `{}`{}", program,
                                          did_you_mean(program, known_programs(source_tree, folder))));
}

}  // namespace hangar::scenario
