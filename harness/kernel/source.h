// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/kernel/spec.h"
#include "harness/kernel/version.h"

// Pristine kernel source below <cache>/sources: unpacked once, never written again (builds link its files).
namespace hangar::kernel {

struct Tree {
  fs::path path;
  std::string label;    // "linux-source-6.1 6.1.192-2", for people and manifests
  std::string digest;   // SHA-256 of the package or archive, or over the files of a working tree
  Version version;      // from its Makefile
  std::string lineage;  // the same for all states of one source
};

using Note = std::function<void(const std::string&)>;

// What is unpacked already; never downloads. Nothing when the source has to be fetched first.
[[nodiscard]] Result<std::optional<Tree>> known_tree(const fs::path& cache, const Source& source);
// Downloads and unpacks as needed. Two at once: one waits.
[[nodiscard]] Result<Tree> obtain_tree(const fs::path& cache, const Source& source, const Note& on_note);

// VERSION, PATCHLEVEL and SUBLEVEL of a kernel Makefile's text; empty when it has none.
[[nodiscard]] Version makefile_version(std::string_view makefile);

}  // namespace hangar::kernel
