// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/apt.h"

// A lock file pins a Debian package that moves every few days to one version: kernels/newest.lock. It changes
// only on request.
namespace hangar::kernel {

// `name` is the file's name in messages. All that a download needs is in it, the digest among it.
[[nodiscard]] Result<DebianPackage> parse_lock(std::string_view text, const std::string& name);
// A missing file is a user error that names the command to make one.
[[nodiscard]] Result<DebianPackage> read_lock(const fs::path& path);
[[nodiscard]] std::string lock_text(const DebianPackage& package, const std::string& suite);

}  // namespace hangar::kernel
