// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/apt.h"

// A lock file pins a Debian package that moves every few days to one version: kernels/newest.lock. It changes
// only when somebody asks for that.
namespace hangar::kernel {

// `name` stands for the file in messages. All that a download needs is in it, the digest among it.
[[nodiscard]] Result<DebianPackage> parse_lock(std::string_view text, const std::string& name);
// A missing file is a user error that says how to make one.
[[nodiscard]] Result<DebianPackage> read_lock(const fs::path& path);
[[nodiscard]] std::string lock_text(const DebianPackage& package, const std::string& suite);

}  // namespace hangar::kernel
