// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/fifo.h"

#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace hangar::vm {
namespace {

constexpr int size_bytes = 1 << 20;  // the default of fs.pipe-max-size; 70 minutes of a pulse

}  // namespace

Result<void> Fifo::add(const fs::path& path, const std::optional<sandbox::QemuUser>& owner) {
  if (mkfifo(path.c_str(), 0600) != 0) return errno_error("making the pipe " + path.string());
  made_.push_back(path);
  return sandbox::give(path, owner);
}

Result<Fifo> Fifo::make(const fs::path& path, const std::optional<sandbox::QemuUser>& owner) {
  Fifo fifo;
  const std::string out = path.string() + ".out";
  TRY(fifo.add(path.string() + ".in", owner));
  TRY(fifo.add(out, owner));
  fifo.out_.reset(open(out.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fifo.out_) return errno_error("opening the pipe " + out);
  (void)fcntl(fifo.out_.get(), F_SETPIPE_SZ, size_bytes);  // above a user's limit it keeps its 64 KiB
  return fifo;
}

Fifo::~Fifo() {
  for (const auto& path : made_) (void)fs::remove(path);
}

}  // namespace hangar::vm
