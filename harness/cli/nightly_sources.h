// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/nightly/lab.h"

// The newest revision of what a nightly job follows, and the kernel that it is.
namespace hangar::cli {

struct NewestSource {
  std::string revision;  // a commit, a package's version, or a digest of the patches
  std::string subject;
  std::string kernel;  // as `hangar run` takes it, without the parts of NightlyFile::config
};

class NightlySources {
 public:
  // `folder` holds clones and spec files: STATE/nightly/NAME.
  NightlySources(fs::path tree, Home home, fs::path folder)
      : tree_(std::move(tree)), home_(std::move(home)), folder_(std::move(folder)) {}

  // Fetches. A branch, package or mbox that is gone is a user error.
  [[nodiscard]] Result<NewestSource> newest(const nightly::Target& target,
                                            const std::function<void(const std::string&)>& note) const;
  // The kernel of an earlier revision; "" for a revision that cannot be had again.
  [[nodiscard]] std::string kernel_at(const nightly::Target& target, const std::string& revision) const;
  // The commit that a name, a branch or a tag of a repository is; fetched from a URL.
  [[nodiscard]] Result<std::string> commit_of(const std::string& repository, const std::string& ref) const;
  // Where the commits of a git target are.
  [[nodiscard]] fs::path repository(const nightly::Target& target) const;
  // The mbox of a queue.
  [[nodiscard]] static fs::path queue_file(const nightly::Target& target);

 private:
  [[nodiscard]] Result<NewestSource> newest_commit(const nightly::Target& target) const;
  [[nodiscard]] Result<NewestSource> newest_package(
      const nightly::Target& target, const std::function<void(const std::string&)>& note) const;
  [[nodiscard]] Result<NewestSource> newest_queue(const nightly::Target& target) const;
  [[nodiscard]] fs::path spec_file(const nightly::Target& target) const;

  fs::path tree_;
  Home home_;
  fs::path folder_;
};

}  // namespace hangar::cli
