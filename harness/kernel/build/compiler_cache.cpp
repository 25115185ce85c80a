// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/compiler_cache.h"

#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"

namespace hangar::kernel {
namespace {

// Read instead of the machine's and the user's own (CCACHE_CONFIGPATH). The compiler gets what the
// preprocessor made of a file, so that it runs once and not twice; the objects are the same.
constexpr const char* configuration =
    "max_size = 5G\n"
    "compression_level = 1\n"
    "run_second_cpp = false\n"
    "inode_cache = false\n"
    "umask = 022\n";

// A folder for PATH in which the compiler's name is ccache.
Result<fs::path> make_masquerade(const fs::path& folder, const fs::path& ccache,
                                 const std::string& compiler) {
  const fs::path bin = folder / "bin";
  TRY(fs::create_directories(bin));
  const fs::path link = bin / compiler;
  const auto is_made = [&] { return fs::read_symlink(link).value_or({}) == ccache; };
  if (is_made()) return bin;
  (void)fs::remove(link);
  // Another build may have been faster.
  if (auto made = fs::create_symlink(ccache, link); !made && !is_made()) return std::move(made).error();
  return bin;
}

}  // namespace

bool is_ccache_variable(const std::string& name) {
  return name.rfind("CCACHE_", 0) == 0;
}

Result<std::map<std::string, std::string>> compiler_cache_environment(const fs::path& folder,
                                                                      const Toolchain& tools) {
  const auto ccache = find_program("ccache");
  const bool plain_name = tools.compiler.find('/') == std::string::npos;
  if (!ccache || !plain_name) return std::map<std::string, std::string>();
  TRY_ASSIGN(const fs::path bin, make_masquerade(folder, *ccache, tools.compiler));
  const fs::path settings = folder / "hangar.conf";
  if (const auto present = read_file(settings); !present || *present != configuration)
    TRY(write_file(settings, configuration));
  const char* path = std::getenv("PATH");
  return std::map<std::string, std::string>{
      {"CCACHE_DIR", folder.string()},
      {"CCACHE_CONFIGPATH", settings.string()},
      {"PATH", fmt::format("{}:{}", bin.string(), path == nullptr ? "/usr/bin:/bin" : path)}};
}

}  // namespace hangar::kernel
