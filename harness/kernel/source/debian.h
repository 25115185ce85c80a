// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/apt.h"

// Debian packages by apt: from the machine's own package lists, or, when a suite is named, from lists that
// are kept in <cache>/debian/SUITE. The machine's apt configuration is read and never changed, nothing is
// installed.
namespace hangar::kernel {

class PackageLists {
 public:
  // Fetches the lists of `suite`; "" means the machine's, which are taken as they are. The caller holds the
  // lock of <cache>/sources. `tell` gets a line before anything slow.
  [[nodiscard]] static Result<PackageLists> open(const fs::path& cache, const std::string& suite,
                                                 const std::function<void(const std::string&)>& tell);

  // The package that is called so, or, when that is an empty one which only points at the present version,
  // the one that it points at. When there is none, the error (`unavailable`) names those that are alike.
  [[nodiscard]] Result<DebianPackage> find(const std::string& name) const;
  // Fetches the .deb into `folder`. apt checks it against the signed lists.
  [[nodiscard]] Result<fs::path> download(const DebianPackage& package, const fs::path& folder) const;

 private:
  PackageLists(std::string suite, std::vector<std::string> options)
      : suite_(std::move(suite)), options_(std::move(options)) {}

  [[nodiscard]] std::vector<std::string> command(const std::string& program,
                                                 const std::vector<std::string>& words) const;
  [[nodiscard]] Result<DebianPackage> look_up(const std::string& name) const;
  [[nodiscard]] Error nothing_called(const std::string& name) const;

  std::string suite_;
  std::vector<std::string> options_;  // of apt
};

// apt's sources of a suite, with its security updates, from the mirror that this machine uses.
[[nodiscard]] Result<std::string> suite_sources(const std::string& suite);

// Fetches a package whose digest is known already: no package lists are needed, and no signature.
// `unavailable` when the mirror does not have this version any more.
[[nodiscard]] Result<fs::path> download_pinned(const DebianPackage& package, const fs::path& folder);

}  // namespace hangar::kernel
