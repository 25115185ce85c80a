// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/spec_version.h"

#include "harness/base/files.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/source/source.h"

namespace hangar::kernel {
namespace {

// "linux-source-6.1", "linux-6.1.5.tar.xz", "v6.12": the numbers after the first `-` or `v` that has some.
Version version_in(const std::string& name) {
  for (size_t at = name.find_first_of("-v"); at != std::string::npos; at = name.find_first_of("-v", at + 1)) {
    Version version = parse_version(std::string_view(name).substr(at + 1));
    if (version.size() >= 2) return version;
  }
  return {};
}

}  // namespace

Version version_of(const Source& source) {
  switch (source.kind) {
    case Source::Kind::tree: {
      const auto makefile = read_file(fs::path(source.what) / "Makefile");
      return makefile ? makefile_version(*makefile) : Version();
    }
    case Source::Kind::binary: {
      const auto info = inspect_binary(source.what);
      return info && info->release ? parse_version(*info->release) : Version();
    }
    case Source::Kind::git:
      return version_in(source.ref);
    case Source::Kind::debian:
    case Source::Kind::image:
    case Source::Kind::tarball:
      break;
  }
  return version_in(fs::path(source.what).filename().string());
}

}  // namespace hangar::kernel
