// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/sandbox/qemu_user.h"

namespace hangar::vm {

// A chardev of QEMU's type `pipe` that we only read: the pipes PATH.in (ours to QEMU, always empty) and
// PATH.out. QEMU writes single bytes. Of those a unix socket holds some 280, since each is charged as a
// packet; a pipe holds as many as its size in bytes, 1 MiB where the limit of /proc/sys/fs/pipe-max-size lets
// us. The pipes are removed with the object; what is open stays open.
class Fifo {
 public:
  // Only `owner` (and root) may open them; without one, only ourselves.
  [[nodiscard]] static Result<Fifo> make(const fs::path& path, const std::optional<sandbox::QemuUser>& owner);
  Fifo(Fifo&&) noexcept = default;
  Fifo& operator=(Fifo&&) = delete;
  ~Fifo();

  // What QEMU writes, non-blocking. Read it when QEMU has started: without a writer it is at its end.
  [[nodiscard]] Fd take_reader() { return std::move(out_); }

 private:
  Fifo() = default;
  Result<void> add(const fs::path& path, const std::optional<sandbox::QemuUser>& owner);
  std::vector<fs::path> made_;  // by us: what existed before is not ours to remove
  Fd out_;
};

}  // namespace hangar::vm
