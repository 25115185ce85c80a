// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Writes `file` to a volume through a stream of libvirt. Holes of the file are not sent.
[[nodiscard]] Result<void> upload_volume(virConnect* connection, virStorageVol* volume, const fs::path& file);

}  // namespace hangar::vm
