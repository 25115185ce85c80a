// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/home.h"

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace hangar {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path xdg(const char* variable, const char* below_home) {
  const std::string set = environment(variable);
  if (!set.empty() && set[0] == '/') return fs::path(set) / "hangar";
  return fs::path(environment("HOME")) / below_home / "hangar";
}

bool is_source_tree(const fs::path& path) {
  return fs::is_directory(path / "kernels") && fs::is_directory(path / "reproducers") &&
         fs::is_directory(path / "images");
}

std::optional<fs::path> search_upwards(fs::path from) {
  while (!is_source_tree(from)) {
    if (from == from.parent_path()) return std::nullopt;
    from = from.parent_path();
  }
  return from;
}

}  // namespace

Home find_home(const std::optional<fs::path>& given) {
  const fs::path chosen = given ? *given : fs::path(environment("HANGAR_HOME"));
  if (!chosen.empty()) {
    const fs::path whole = fs::absolute(chosen).value_or(chosen);  // the current folder may be gone
    return {whole / "cache", whole / "state"};
  }
  if (::geteuid() == 0) return {"/var/cache/hangar", "/var/lib/hangar"};
  return {xdg("XDG_CACHE_HOME", ".cache"), xdg("XDG_STATE_HOME", ".local/state")};
}

std::optional<fs::path> find_source_tree() {
  const std::string set = environment("HANGAR_SOURCE");
  if (!set.empty()) return fs::absolute(set).value_or(set);
  if (const auto current = fs::current_path()) {
    if (auto found = search_upwards(*current)) return found;
  }
  const auto program = fs::read_symlink("/proc/self/exe");
  if (!program) return std::nullopt;
  if (auto found = search_upwards(program->parent_path())) return found;
  const fs::path installed = program->parent_path().parent_path() / "share" / "hangar";
  if (is_source_tree(installed)) return installed;
  return std::nullopt;
}

std::vector<fs::path> program_folders(const fs::path& source_tree) {
  return {source_tree / "reproducers", source_tree / "tests" / "guests"};
}

fs::path program_folder(const fs::path& source_tree, const std::string& name) {
  const auto folders = program_folders(source_tree);
  for (const fs::path& folder : folders) {
    if (fs::is_directory(folder / name)) return folder / name;
  }
  return folders.front() / name;
}

}  // namespace hangar
