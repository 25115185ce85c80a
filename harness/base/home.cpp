// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/home.h"

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace hangar {
namespace {

namespace fs = std::filesystem;

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
  std::error_code ignored;
  return fs::is_directory(path / "kernels", ignored) && fs::is_directory(path / "reproducers", ignored) &&
         fs::is_directory(path / "images", ignored);
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
  if (!chosen.empty()) return {fs::absolute(chosen) / "cache", fs::absolute(chosen) / "state"};
  if (::geteuid() == 0) return {"/var/cache/hangar", "/var/lib/hangar"};
  return {xdg("XDG_CACHE_HOME", ".cache"), xdg("XDG_STATE_HOME", ".local/state")};
}

std::optional<fs::path> find_source_tree() {
  const std::string set = environment("HANGAR_SOURCE");
  if (!set.empty()) return fs::absolute(set);
  std::error_code code;
  if (auto found = search_upwards(fs::current_path(code)); found && !code) return found;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code) return std::nullopt;
  if (auto found = search_upwards(program.parent_path())) return found;
  const fs::path installed = program.parent_path().parent_path() / "share" / "hangar";
  if (is_source_tree(installed)) return installed;
  return std::nullopt;
}

}  // namespace hangar
