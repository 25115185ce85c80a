// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// What a kernel file shows without booting it. Files may be anything: nothing in them is trusted.
namespace hangar::kernel {

struct BinaryInfo {
  enum class Form { bzimage, vmlinux };
  Form form = Form::bzimage;
  std::optional<std::string> release;  // `uname -r`, if the file has it
  std::string signature;               // of a vmlinux (signature.h)
};

[[nodiscard]] Result<BinaryInfo> inspect_binary(const fs::path& path);
// The same, of the file's bytes; `name` is the file's name in messages.
[[nodiscard]] Result<BinaryInfo> inspect_binary_bytes(std::string_view bytes, const std::string& name);

}  // namespace hangar::kernel
