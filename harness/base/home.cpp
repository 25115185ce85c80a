// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/home.h"

#include <cstdlib>
#include <string>

#include <fmt/format.h>
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

namespace {

// "HANGAR_HOME=/tmp/x" for messages; "" when nothing but the defaults chose the folder.
std::string chosen_by(const std::optional<fs::path>& given, const char* xdg_variable) {
  if (given) return "--home " + given->string();
  for (const char* variable : {"HANGAR_HOME", xdg_variable}) {
    const std::string value = environment(variable);
    if (!value.empty()) return fmt::format("{}={}", variable, value);
  }
  return "";
}

Result<void> check_usable(const fs::path& folder, const std::string& chosen) {
  auto usable = fs::is_usable_folder(folder);
  if (usable) return {};
  return chosen.empty() ? std::move(usable).error() : std::move(usable).error().within(chosen);
}

}  // namespace

Result<Home> usable_home(const std::optional<fs::path>& given) {
  Home home = find_home(given);
  TRY(check_usable(home.cache, chosen_by(given, "XDG_CACHE_HOME")));
  TRY(check_usable(home.state, chosen_by(given, "XDG_STATE_HOME")));
  return home;
}

Result<std::optional<fs::path>> find_source_tree() {
  using Found = std::optional<fs::path>;
  const std::string set = environment("HANGAR_SOURCE");
  if (!set.empty()) {
    const fs::path tree = fs::absolute(set).value_or(set);
    if (is_source_tree(tree)) return Found(tree);
    return user_error(
        fmt::format("HANGAR_SOURCE={}: cannot read kernels/, reproducers/ and images/ there. Set it to a "
                    "checkout of Hangar, or unset it",
                    set));
  }
  if (const auto current = fs::current_path()) {
    if (auto found = search_upwards(*current)) return found;
  }
  const auto program = fs::read_symlink("/proc/self/exe");
  if (!program) return Found();
  if (auto found = search_upwards(program->parent_path())) return found;
  const fs::path installed = program->parent_path().parent_path() / "share" / "hangar";
  return is_source_tree(installed) ? Found(installed) : Found();
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
