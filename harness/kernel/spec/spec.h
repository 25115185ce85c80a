// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// A kernel spec: the contents of kernels/NAME.yaml after its `base` chain has been followed. Plain data;
// nothing here has touched a network or a source tree yet.
namespace hangar::kernel {

struct Source {
  enum class Kind {
    debian,   // `what` is a package that holds a source tarball: linux-source-6.1
    image,    // `what` is a prebuilt package: linux-image-...
    tree,     // `what` is a developer's working tree
    binary,   // `what` is a bzImage or a vmlinux
    git,      // `what` is a repository, `ref` a revision
    tarball,  // `what` is a source archive
  };
  Kind kind = Kind::debian;
  std::string what = {};    // paths are absolute
  std::string ref = {};     // git only
  std::string sha256 = {};  // tarball only: the digest it must have; "" when the spec names none
  std::string suite = {};   // debian and image: "" for the machine's own package lists
  std::string lock = {};    // debian and image: the file that pins the version, an absolute path; "" for none
};

[[nodiscard]] std::string_view word(Source::Kind kind);
// Whether a `git` repository is somewhere else: "https://...", "host:path".
[[nodiscard]] bool is_url(const std::string& repository);
// "debian linux-source-6.1", for messages and manifests.
[[nodiscard]] std::string describe(const Source& source);

struct Spec {
  std::string name;   // the file's stem, or the path as it was given
  std::string about;  // may be empty
  Source source;
  std::vector<std::string> config;  // fragments: <kernels>/config/NAME.config
  // Series, in order: <kernels>/patches/NAME/series.yaml, or the absolute path of a folder with a
  // series.yaml.
  std::vector<std::string> patches;
  // Series that are applied before `patches` if one of their variants is made for the source's version and
  // all of its hunks fit. A source tree has memalloc-info here: its reports show why a guest hangs.
  std::vector<std::string> if_they_fit = {};
  std::string cmdline;  // specs that differ only here share one artifact
  fs::path kernels;     // the folder that fragments and series are looked up in
};

// `name_or_path`: a name in kernels/, or, when it has a slash, a spec's YAML file, a bzImage, a vmlinux or a
// source tree or TREE@REVISION (which are then built with the fragments `base` and `ext4`). `+memcg`,
// `+oom-timeout` and
// `+DIR/` behind it add fragments and series, in this order; a series may lie anywhere. `source_tree` is
// Hangar's own.
[[nodiscard]] Result<Spec> load_spec(const fs::path& source_tree, const std::string& name_or_path);
// The names of kernels/*.yaml, sorted.
[[nodiscard]] std::vector<std::string> spec_names(const fs::path& source_tree);
// What can follow a `+`: the config fragments, then the patch series, each sorted.
[[nodiscard]] std::vector<std::string> part_names(const fs::path& source_tree);
[[nodiscard]] Result<std::vector<Spec>> list_specs(const fs::path& source_tree);

}  // namespace hangar::kernel
