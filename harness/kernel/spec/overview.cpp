// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/overview.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/kernel/build/inputs.h"
#include "harness/kernel/build/store.h"

namespace hangar::kernel {
namespace {

// The release's numbers: "6.12.117+deb12-cloud-amd64" is 6.12.117.
std::string version_of_release(const std::optional<std::string>& release) {
  return release ? dotted(parse_version(*release)) : std::string();
}

void measure(const Artifact& artifact, Overview& overview) {
  (void)fs::walk(artifact.directory, [&](const fs::Entry& entry) {
    if (entry.is_regular_file()) overview.bytes += fs::file_size(entry.path()).value_or(0);
    return fs::Walk::enter;
  });
  struct stat info = {};
  if (::stat((artifact.directory / "manifest.json").c_str(), &info) == 0)
    overview.built_unix = info.st_mtim.tv_sec;
}

void fill(const fs::path& cache, const Spec& spec, Overview& overview) {
  const Cache kernels(cache);
  std::string damage;
  const auto found = kernels.find(spec, [&](const std::string& note) { damage = note; });
  if (!found) {
    overview.state = Overview::State::broken;
    overview.problem = found.error().message;
  } else if (*found) {
    overview.state = Overview::State::built;
    overview.key = (*found)->key;
    overview.version = version_of_release((*found)->release);
    measure(**found, overview);
  } else if (!damage.empty()) {
    overview.state = Overview::State::damaged;
    overview.problem = damage;
  }
}

}  // namespace

std::string_view word(Overview::State state) {
  switch (state) {
    case Overview::State::built:
      return "built";
    case Overview::State::source:
      return "source";
    case Overview::State::absent:
      return "-";
    case Overview::State::damaged:
      return "damaged";
    case Overview::State::broken:
      return "broken";
  }
  return "?";
}

Overview overview_of(const fs::path& cache, const Spec& spec) {
  Overview overview;
  fill(cache, spec, overview);
  if (overview.state != Overview::State::absent || spec.source.kind == Source::Kind::image) return overview;
  const auto tree = known_tree(cache, spec.source);
  if (!tree || !*tree) return overview;
  overview.state = Overview::State::source;
  overview.version = dotted((*tree)->version);
  return overview;
}

std::string format_age(std::int64_t seconds) {
  struct Unit {
    std::int64_t length;
    const char* one;
    const char* many;
  };
  constexpr Unit units[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}};
  for (const Unit& unit : units) {
    const std::int64_t count = seconds / unit.length;
    if (count > 0) return fmt::format("{} {}", count, count == 1 ? unit.one : unit.many);
  }
  return "now";
}

}  // namespace hangar::kernel
