// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// A connection to libvirt. By default libvirt's QEMU driver runs inside this process (qemu:///embed), so that
// no daemon is needed; all its files live below a root folder of ours. One embedded connection a process.
namespace hangar::vm {

struct ConnectionOptions {
  std::string uri = {};  // empty: embedded below `root`
  // A folder for this process alone, made if missing. Keep it short: QEMU's monitor socket lies some 60 bytes
  // below it and has 108.
  fs::path root{};
  // Where libvirt's answers about the installed QEMU are kept between processes (4 s saved); empty: nowhere.
  fs::path capabilities_cache{};
};

class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
  virtual ~Connection() = default;

  // "qemu:///embed?root=..."
  [[nodiscard]] virtual const std::string& uri() const = 0;
  // The daemon is on another host, or is treated as such (remote_uri.h).
  [[nodiscard]] virtual bool remote() const = 0;
  // "QEMU 7.2.22, libvirt 9.0.0"
  [[nodiscard]] virtual std::string versions() const = 0;

 protected:
  Connection() = default;
};

}  // namespace hangar::vm
