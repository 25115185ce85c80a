// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/toolchain.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"

namespace hangar::kernel {
namespace {

// The newest and the oldest gcc-N that is looked for.
constexpr int newest_gcc = 20;
constexpr int oldest_gcc = 8;

Result<std::string> version_line(const std::string& program, const std::string& package) {
  if (!find_program(program))
    return infra_error(fmt::format("building a kernel needs `{}`: install the package {}", program, package));
  TRY_ASSIGN(const Finished finished,
             run_checked({.argv = {program, "--version"}, .deadline = deadline_of::question}));
  return std::string(split(finished.output, '\n').front());
}

// What is here: the machine's own compiler first, then the newest.
std::vector<Gcc> installed_gccs() {
  std::vector<std::string> commands = {"gcc"};
  for (int number = newest_gcc; number >= oldest_gcc; --number)
    commands.push_back(fmt::format("gcc-{}", number));
  std::vector<Gcc> found;
  for (const std::string& command : commands) {
    if (!find_program(command)) continue;
    const auto said = run_checked({.argv = {command, "-dumpfullversion"}, .deadline = deadline_of::question});
    if (said) found.push_back({command, parse_version(trim(said->output))});
  }
  return found;
}

Result<VersionRange> read_range(const Yaml& row, const std::string& key, std::string& text) {
  TRY_ASSIGN(const Yaml value, row.need(key));
  TRY_ASSIGN(text, value.text());
  auto range = parse_range(text);
  if (!range) return value.error(range.error().message);
  return range;
}

Result<CompilerRow> read_row(const Yaml& yaml) {
  TRY(yaml.only_keys({"kernels", "gcc", "package", "reason"}));
  CompilerRow row;
  TRY_ASSIGN(row.kernels, read_range(yaml, "kernels", row.kernels_text));
  TRY_ASSIGN(row.gcc, read_range(yaml, "gcc", row.gcc_text));
  for (auto& [key, field] : {std::pair("package", &row.package), std::pair("reason", &row.reason)}) {
    TRY_ASSIGN(const Yaml value, yaml.need(key));
    TRY_ASSIGN(*field, value.text());
  }
  return row;
}

}  // namespace

Result<std::vector<CompilerRow>> parse_compilers(std::string_view text, const std::string& name) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, name));
  std::vector<CompilerRow> rows;
  for (const Yaml& item : yaml.items()) {
    TRY_ASSIGN(CompilerRow row, read_row(item));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<CompilerRow> row_for(const std::vector<CompilerRow>& rows, const Version& kernel) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const CompilerRow& entry) { return entry.kernels.contains(kernel); });
  if (row != rows.end()) return *row;
  return user_error(fmt::format(
      "the table of compilers (kernels/toolchain/compilers.yaml) has no row for Linux {}", dotted(kernel)));
}

Result<Gcc> choose_gcc(const CompilerRow& row, const std::vector<Gcc>& found, const Version& kernel) {
  std::vector<std::string> here;
  for (const Gcc& gcc : found) {
    if (row.gcc.contains(gcc.version)) return gcc;
    here.push_back(fmt::format("{} {}", gcc.command, dotted(gcc.version)));
  }
  return infra_error(fmt::format("Linux {} needs gcc {} ({}); this machine has {}. Install the package {}",
                                 dotted(kernel), row.gcc_text, row.reason,
                                 here.empty() ? "none" : join(here, ", "), row.package));
}

Result<Toolchain> find_toolchain(const fs::path& kernels, const Version& version) {
  const fs::path table = kernels / "toolchain" / "compilers.yaml";
  TRY_ASSIGN(const std::string text, read_file(table));
  TRY_ASSIGN(const auto rows, parse_compilers(text, table.string()));
  TRY_ASSIGN(const CompilerRow row, row_for(rows, version));
  TRY_ASSIGN(const Gcc gcc, choose_gcc(row, installed_gccs(), version));
  Toolchain tools{gcc.command, {}, {}};
  TRY_ASSIGN(tools.compiler_line, version_line(tools.compiler, row.package));
  TRY_ASSIGN(tools.linker_line, version_line("ld", "binutils"));
  return tools;
}

}  // namespace hangar::kernel
