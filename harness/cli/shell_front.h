// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// The terminal's side of `hangar shell`. The guest belongs to another process, the keeper, which reads keys
// from a socket and writes the output to it, so that users can detach and attach again. A front that
// dies without detaching takes the guest with it.
namespace hangar::cli {

constexpr char detached_mark =
    0x04;  // the keeper's last byte to a front that has detached; guests cannot print it

enum class Parting { ended, detached };

// Passes keys and output between this terminal and the keeper until one of them goes.
[[nodiscard]] Parting relay(int socket);

// Where a detached keeper waits for the next front: `<scratch>/shell-<id>`.
[[nodiscard]] fs::path meeting_point(const fs::path& scratch, const std::string& id);
// Connects to the detached guest whose id ends in `id`, or to the only one. An Error lists what there is.
[[nodiscard]] Result<Fd> attach(const fs::path& scratch, const std::string& id);

}  // namespace hangar::cli
