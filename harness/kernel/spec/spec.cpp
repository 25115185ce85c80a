// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/spec.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/kernel/build/binary.h"

namespace hangar::kernel {
namespace {

const std::vector<std::pair<std::string, Source::Kind>>& source_words() {
  static const std::vector<std::pair<std::string, Source::Kind>> words = {
      {"debian", Source::Kind::debian}, {"image", Source::Kind::image}, {"tree", Source::Kind::tree},
      {"binary", Source::Kind::binary}, {"git", Source::Kind::git},     {"tarball", Source::Kind::tarball},
  };
  return words;
}

// A path in a spec is relative to the folder of the spec.
Result<std::string> resolve(const fs::path& folder, const std::string& path) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(folder / path));
  return whole.lexically_normal().string();
}

// The files <folder>/NAME<suffix>, or sub-folders that hold `inside`, as names.
std::vector<std::string> names_in(const fs::path& folder, const std::string& suffix,
                                  const std::string& inside = {}) {
  std::vector<std::string> names;
  for (const auto& entry : fs::list_or_empty(folder)) {
    const bool fits = inside.empty() ? entry.path().extension() == suffix : fs::exists(entry.path() / inside);
    if (fits)
      names.push_back(inside.empty() ? entry.path().stem().string() : entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_debian_name(const std::string& name) {
  return !name.empty() && name[0] != '-' && name[0] != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+.-") == std::string::npos;
}

Result<Source> read_git(const Yaml& value, const fs::path& folder) {
  TRY(value.only_keys({"repo", "ref"}));
  TRY_ASSIGN(const Yaml repo_value, value.need("repo"));
  TRY_ASSIGN(const std::string repo, repo_value.text());
  TRY_ASSIGN(const Yaml ref_value, value.need("ref"));
  TRY_ASSIGN(const std::string ref, ref_value.text());
  if (ref.empty() || ref[0] == '-') return ref_value.error("not the name of a branch, a tag or a commit");
  if (is_url(repo)) return Source{Source::Kind::git, repo, ref};
  TRY_ASSIGN(const std::string path, resolve(folder, repo));
  return Source{Source::Kind::git, path, ref};
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The keys that qualify a source, beside the one that names its kind.
const std::vector<std::string>& qualifiers() {
  static const std::vector<std::string> words = {"sha256", "suite", "lock"};
  return words;
}

bool is_qualifier(const std::string& word) {
  return has(qualifiers(), word);
}

Result<void> read_qualifiers(const Yaml& yaml, const fs::path& folder, Source& source) {
  const bool package = source.kind == Source::Kind::debian || source.kind == Source::Kind::image;
  if (const auto digest = yaml.get("sha256")) {
    if (source.kind != Source::Kind::tarball) return digest->error("`sha256` requires a `tarball`");
    TRY_ASSIGN(source.sha256, digest->text());
  }
  if (const auto suite = yaml.get("suite")) {
    TRY_ASSIGN(source.suite, suite->text());
    if (!package) return suite->error("`suite` requires a Debian package");
    if (!is_debian_name(source.suite))
      return suite->error("not the name of a Debian suite, such as `bookworm`");
  }
  if (const auto lock = yaml.get("lock")) {
    TRY_ASSIGN(const std::string name, lock->name());  // `hangar update` writes it
    if (!package) return lock->error("`lock` requires a Debian package");
    TRY_ASSIGN(source.lock, resolve(folder, name));
  }
  return {};
}

Result<Source> read_source(const Yaml& yaml, const fs::path& folder) {
  std::vector<std::string> known;
  known.reserve(source_words().size());
  for (const auto& [name, kind] : source_words()) known.push_back(name);
  auto allowed = known;
  allowed.insert(allowed.end(), qualifiers().begin(), qualifiers().end());
  TRY(yaml.only_keys(allowed));
  const auto entries = yaml.entries();
  const auto names_kind = [](const auto& entry) { return !is_qualifier(entry.first); };
  const auto first = std::find_if(entries.begin(), entries.end(), names_kind);
  if (std::count_if(entries.begin(), entries.end(), names_kind) != 1)
    return yaml.error(fmt::format("expected exactly one of {}", join(known, ", ")));
  const auto word = std::find_if(source_words().begin(), source_words().end(),
                                 [&](const auto& entry) { return entry.first == first->first; });
  Source source;
  source.kind = word->second;
  if (source.kind == Source::Kind::git) {
    TRY_ASSIGN(source, read_git(first->second, folder));
  } else {
    TRY_ASSIGN(source.what, first->second.text());
    const bool package = source.kind == Source::Kind::debian || source.kind == Source::Kind::image;
    if (package && !is_debian_name(source.what))
      return first->second.error("not the name of a Debian package");
    if (!package) {
      TRY_ASSIGN(source.what, resolve(folder, source.what));
    }
  }
  TRY(read_qualifiers(yaml, folder, source));
  return source;
}

// A list of names, each of which must exist among `known`.
Result<void> append_names(const Yaml& list, const std::vector<std::string>& known, const std::string& what,
                          std::vector<std::string>& out) {
  for (const Yaml& item : list.items()) {
    TRY_ASSIGN(const std::string name, item.text());
    if (!has(known, name))
      return item.error(fmt::format("no {} `{}`{}", what, name, did_you_mean(name, known)));
    if (!has(out, name)) out.push_back(name);
  }
  return {};
}

std::string parameter_name(std::string_view word) {
  const size_t equals = word.find('=');
  return equals == std::string_view::npos ? "" : std::string(word.substr(0, equals));
}

// The inherited command line with `added` behind it; a parameter that is set again loses its inherited value.
std::string join_cmdline(const std::string& inherited, const std::string& added) {
  std::vector<std::string> words;
  const auto again = [&](std::string_view word) {
    const std::string name = parameter_name(word);
    for (const std::string_view other : split(added, ' '))
      if (!name.empty() && parameter_name(other) == name) return true;
    return false;
  };
  for (const std::string_view word : split(inherited, ' '))
    if (!word.empty() && !again(word)) words.emplace_back(word);
  for (const std::string_view word : split(added, ' '))
    if (!word.empty()) words.emplace_back(word);
  return join(words, " ");
}

std::vector<std::string> fragment_names(const fs::path& kernels) {
  return names_in(kernels / "config", ".config");
}

std::vector<std::string> series_names(const fs::path& kernels) {
  return names_in(kernels / "patches", {}, "series.yaml");
}

Result<std::string> series_at(const std::string& path) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(path));
  fs::path folder = whole.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (!fs::is_regular_file(folder / "series.yaml"))
    return user_error(fmt::format("no patch series at {}: series.yaml is missing", path));
  return folder.string();
}

Error unknown_part(const std::string& part, const std::vector<std::string>& fragments,
                   const std::vector<std::string>& series) {
  std::vector<std::string> known = fragments;
  known.insert(known.end(), series.begin(), series.end());
  const std::string hint = did_you_mean(part, known);
  return user_error(fmt::format(
      "`{}` is neither a config fragment nor a patch series{}", part,
      hint.empty() ? fmt::format("; fragments: {}; series: {}", join(fragments, ", "), join(series, ", "))
                   : hint));
}

// Of source trees.
constexpr const char* default_series = "memalloc-info";

// One part of a composed name.
Result<void> add_part(const std::string& part, Spec& spec) {
  const auto fragments = fragment_names(spec.kernels);
  const auto series = series_names(spec.kernels);
  if (part.empty()) return user_error("expected a config fragment or a patch series after `+`");
  const bool fragment = has(fragments, part);
  std::string added = part;
  if (part.find('/') != std::string::npos) {
    TRY_ASSIGN(added, series_at(part));
  } else if (fragment && has(series, part)) {
    return user_error(fmt::format("`{}` is both a config fragment and a patch series: rename one", part));
  } else if (!fragment && !has(series, part)) {
    return unknown_part(part, fragments, series);
  }
  auto& into = fragment ? spec.config : spec.patches;
  if (has(into, added)) return user_error(fmt::format("duplicate part `{}`", part));
  into.push_back(added);
  std::erase(spec.if_they_fit, added);  // it has to fit
  return {};
}

Result<Spec> compose(Spec spec, const std::string& name, const std::vector<std::string>& parts) {
  if (parts.empty()) return spec;
  spec.name = name;
  spec.about.clear();
  if (spec.source.kind == Source::Kind::binary || spec.source.kind == Source::Kind::image)
    return user_error(fmt::format("{}: fragments and series cannot be added to a built kernel", name));
  for (const std::string& part : parts) {
    const auto added = add_part(part, spec);
    if (!added) return user_error(fmt::format("{}: {}", name, added.error().message));
  }
  return spec;
}

class Reader {
 public:
  explicit Reader(fs::path kernels) : kernels_(std::move(kernels)) {}

  // `chain`: the files that led here by `base`, to find a circle.
  Result<Spec> read(const fs::path& path, std::vector<fs::path> chain) const {
    TRY_ASSIGN(const Yaml yaml, Yaml::load(path));
    TRY(yaml.only_keys({"about", "base", "source", "config", "patches", "cmdline"}));
    Spec spec{path.stem().string(), {}, {}, {}, {}, {}, {}, kernels_};
    chain.push_back(path);
    if (const auto base = yaml.get("base")) {
      TRY_ASSIGN(Spec inherited, read_base(*base, chain));
      const std::string name = std::exchange(spec.name, {});
      spec = std::move(inherited);
      spec.name = name;
      spec.about.clear();
    }
    TRY(read_own(yaml, path, spec));
    return spec;
  }

 private:
  Result<Spec> read_base(const Yaml& base, const std::vector<fs::path>& chain) const {
    TRY_ASSIGN(const std::string written, base.text());
    const auto [name, parts] = split_kernel_name(current_kernel_name(written));
    const auto known = names_in(kernels_, ".yaml");
    if (!has(known, name))
      return base.error(fmt::format("no kernel spec `{}`{}", name, did_you_mean(name, known)));
    const fs::path next = kernels_ / (name + ".yaml");
    for (const auto& seen : chain)
      if (fs::equivalent(seen, next)) return base.error(fmt::format("`{}` is its own base", name));
    TRY_ASSIGN(Spec spec, read(next, chain));
    auto composed = compose(std::move(spec), written, parts);
    return composed ? composed : base.error(composed.error().message);
  }

  Result<void> read_own(const Yaml& yaml, const fs::path& path, Spec& spec) const {
    if (const auto about = yaml.get("about")) {
      TRY_ASSIGN(spec.about, about->text());
    }
    if (const auto source = yaml.get("source")) {
      TRY_ASSIGN(spec.source, read_source(*source, path.parent_path()));
    }
    if (spec.source.what.empty())
      return yaml.error("a kernel spec needs a `source`, or a `base` that has one");
    if (const auto config = yaml.get("config"))
      TRY(append_names(*config, fragment_names(kernels_), "config fragment", spec.config));
    if (const auto patches = yaml.get("patches")) {
      TRY(append_names(*patches, series_names(kernels_), "patch series", spec.patches));
    }
    if (const auto cmdline = yaml.get("cmdline")) {
      TRY_ASSIGN(const std::string own, cmdline->text());
      if (own.find('\n') != std::string::npos) return cmdline->error("a command line must be one line");
      spec.cmdline = join_cmdline(spec.cmdline, own);
    }
    return {};
  }

  fs::path kernels_;
};

// A working tree is built with these, and with the series that show why it hangs if it fits.
Spec spec_of_tree(const fs::path& kernels, const std::string& given, Source source) {
  Spec spec{given, {}, std::move(source), {"base", "ext4"}, {}, {}, {}, kernels};
  if (has(series_names(kernels), default_series)) spec.if_they_fit = {default_series};
  return spec;
}

// TREE@REVISION: a commit of a developer's repository.
std::optional<Source> revision_of_tree(const fs::path& path) {
  const size_t at = path.native().rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == path.native().size()) return std::nullopt;
  const fs::path tree = path.native().substr(0, at);
  if (!fs::is_directory(tree)) return std::nullopt;
  return Source{Source::Kind::git, tree.string(), path.native().substr(at + 1)};
}

Result<Spec> spec_of_path(const fs::path& kernels, const std::string& given) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(given));
  fs::path path = whole.lexically_normal();
  if (!path.has_filename())
    path = path.parent_path();  // `./`: names below it are counted from behind a slash
  if (!fs::exists(path)) {
    if (auto revision = revision_of_tree(path)) return spec_of_tree(kernels, given, std::move(*revision));
    // It may lie in a folder that may not be entered.
    const auto unread = read_file(path);
    if (!unread && unread.error().fault != Fault::user) return unread.error();
    return user_error(fmt::format("no kernel at {}: no such file or folder", given));
  }
  if (path.extension() == ".yaml" || path.extension() == ".yml") return Reader(kernels).read(path, {});
  Spec spec{given, {}, {}, {}, {}, {}, {}, kernels};
  if (fs::is_directory(path)) {
    if (!fs::exists(path / "Kconfig") || !fs::exists(path / "Makefile"))
      return user_error(fmt::format("{} is not a kernel source tree: Kconfig or Makefile is missing", given));
    return spec_of_tree(kernels, given, {Source::Kind::tree, path.string()});
  }
  if (!fs::is_regular_file(path)) return user_error(fmt::format("{} is neither a file nor a folder", given));
  TRY_ASSIGN(const BinaryInfo info, inspect_binary(path));
  (void)info;
  spec.source = {Source::Kind::binary, path.string()};
  return spec;
}

}  // namespace

std::string_view word(Source::Kind kind) {
  for (const auto& [name, value] : source_words())
    if (value == kind) return name;
  return "?";
}

bool is_url(const std::string& repository) {
  if (repository.find("://") != std::string::npos) return true;
  // host:path, as ssh has it
  const size_t colon = repository.find(':');
  return colon != std::string::npos && colon > 0 && repository.find('/') > colon;
}

std::string describe(const Source& source) {
  std::string text = fmt::format("{} {}", word(source.kind), source.what);
  if (!source.ref.empty()) text += " at " + source.ref;
  if (!source.suite.empty()) text += " in " + source.suite;
  return text;
}

std::vector<std::string> spec_names(const fs::path& source_tree) {
  return names_in(source_tree / "kernels", ".yaml");
}

std::vector<std::string> part_names(const fs::path& source_tree) {
  std::vector<std::string> names = fragment_names(source_tree / "kernels");
  const auto series = series_names(source_tree / "kernels");
  names.insert(names.end(), series.begin(), series.end());
  return names;
}

Result<Spec> load_spec(const fs::path& source_tree, const std::string& given) {
  const fs::path kernels = source_tree / "kernels";
  const std::string name = current_kernel_name(given);
  const auto [base, parts] = split_kernel_name(name);
  if (base.find('/') != std::string::npos) {
    TRY_ASSIGN(Spec spec, spec_of_path(kernels, base));
    return compose(std::move(spec), name, parts);
  }
  const auto known = spec_names(source_tree);
  if (!has(known, base)) {
    const std::string hint = did_you_mean(base, known);
    return user_error(fmt::format(
        "no kernel spec `{}`{}", base,
        hint.empty() ? "; known: " + join(known, ", ") + " (a name with a slash is a path)" : hint));
  }
  TRY_ASSIGN(Spec spec, Reader(kernels).read(kernels / (base + ".yaml"), {}));
  return compose(std::move(spec), name, parts);
}

Result<std::vector<Spec>> list_specs(const fs::path& source_tree) {
  std::vector<Spec> specs;
  for (const auto& name : spec_names(source_tree)) {
    TRY_ASSIGN(Spec spec, load_spec(source_tree, name));
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace hangar::kernel
