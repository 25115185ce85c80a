// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// What apt prints and reads, as values. Nothing here runs a program.
namespace hangar::kernel {

struct DebianPackage {
  std::string name;
  std::string version;
  std::string filename;              // below the mirror: "pool/main/l/linux/..."
  std::string sha256;                // of the .deb
  std::vector<std::string> depends;  // names only, the first of each alternative
};

// The stanzas that `apt-cache show` prints, in its order: the candidate comes first.
[[nodiscard]] std::vector<DebianPackage> parse_packages(std::string_view stanzas);

// Names in the output of `apt-cache search --names-only`, sorted.
[[nodiscard]] std::vector<std::string> parse_names(std::string_view search);

// Where Debian's packages come from on this machine; empty when its apt names no mirror of Debian.
struct Mirrors {
  std::string main;
  std::string security;
};
// Reads the mirrors that the machine uses, from `apt-get indextargets --format <indextargets_format>`. A
// security archive that is not among them is looked for beside the main one, where mirrors keep it.
inline constexpr const char* indextargets_format = "$(ORIGIN)|$(LABEL)|$(REPO_URI)";
[[nodiscard]] Mirrors parse_mirrors(std::string_view indextargets);

// The sources file for one suite, its security updates with it.
[[nodiscard]] std::string sources_text(const std::string& suite, const Mirrors& mirrors,
                                       const std::string& keyring);

// What the output of a failed `apt-get update` means. A suite that has moved, is not signed by Debian or is
// no longer kept up is `unavailable`; anything else is an infra error.
[[nodiscard]] Error update_failure(const std::string& suite, std::string_view output);

}  // namespace hangar::kernel
