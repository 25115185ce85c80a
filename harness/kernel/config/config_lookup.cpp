// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/config_lookup.h"

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/kernel/build/builder.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/source/source.h"

namespace hangar::kernel {
namespace {

// "# Linux/x86_64 6.1.192 Kernel Configuration" -> 6.1.192; empty when the file does not say.
Version version_of(std::string_view config) {
  for (const std::string_view line : split(config.substr(0, 2000), '\n')) {
    if (line.rfind("# Linux/", 0) != 0) continue;
    const auto words = split(line, ' ');
    if (words.size() > 2) return parse_version(words[2]);
  }
  return {};
}

// The nearest folder above the file that is a kernel source, else one of the cache.
fs::path find_source_of(const fs::path& cache, const fs::path& file, const Version& version) {
  fs::path folder = fs::absolute(file).value_or(file).parent_path();
  for (int up = 0; up < 3; ++up, folder = folder.parent_path())
    if (fs::exists(folder / "Kconfig") && fs::exists(folder / "Makefile")) return folder;
  for (const auto& entry : fs::list_or_empty(cache / "sources")) {
    const auto makefile = read_file(entry.path() / "Makefile");
    if (makefile && !version.empty() && makefile_version(*makefile) == version) return entry.path();
  }
  return {};
}

Result<NamedConfig> read_config_file(const fs::path& file) {
  TRY_ASSIGN(const std::string text, read_file(file));
  NamedConfig named;
  named.file = file;
  named.version = version_of(text);
  TRY_ASSIGN(named.config, parse_config(text, file.string()));
  if (named.config.empty()) return user_error(fmt::format("{} holds no configuration", file.string()));
  return named;
}

ConfigSide from_file(const fs::path& cache, const NamedConfig& named) {
  ConfigSide side;
  side.config = named.config;
  const fs::path source = find_source_of(cache, named.file, named.version);
  if (!source.empty()) side.kconfig = read_kconfig(source);
  return side;
}

Result<ConfigSide> from_spec(const fs::path& cache, const Spec& spec, const Note& on_note) {
  TRY_ASSIGN(const auto artifact, Cache(cache).find(spec, on_note));
  ConfigSide side;
  if (artifact) {
    TRY_ASSIGN(const std::string text, read_file(artifact->directory / ".config"));
    TRY_ASSIGN(side.config, parse_config(text, spec.name));
  } else {
    TRY_ASSIGN(side.config, configure_kernel(cache, spec, on_note));
  }
  TRY_ASSIGN(const auto tree, known_tree(cache, spec.source));
  if (tree) side.kconfig = read_kconfig(tree->path);
  return side;
}

}  // namespace

Result<NamedConfig> find_config(const fs::path& source_tree, const std::string& name) {
  const fs::path path = name;
  const bool build_folder = fs::is_directory(path) && !fs::exists(path / "Kconfig");
  if (build_folder && fs::exists(path / ".config")) return read_config_file(path / ".config");
  const bool file = fs::is_regular_file(path) && path.filename().string().find("config") != std::string::npos;
  if (file) return read_config_file(path);
  NamedConfig named;
  TRY_ASSIGN(named.spec, load_spec(source_tree, name));
  if (named.spec->source.kind == Source::Kind::binary)
    return user_error(fmt::format("{} is a kernel without a .config beside it: name the .config file", name));
  return named;
}

Result<ConfigSide> look_up_config(const fs::path& cache, const NamedConfig& named,
                                  const std::function<void(const std::string&)>& on_note) {
  return named.spec ? from_spec(cache, *named.spec, on_note) : from_file(cache, named);
}

}  // namespace hangar::kernel
