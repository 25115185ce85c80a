// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/vm/connection.h"
#include "harness/vm/embed_root.h"
#include "harness/vm/end_watch.h"
#include "harness/vm/event_loop.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Connection as the rest of this module sees it, with libvirt's handle. Closes the handle before the loop
// ends.
class LibvirtConnection : public Connection {
 public:
  LibvirtConnection(ConnectionOptions options, std::string uri, std::unique_ptr<EventLoop> loop,
                    virConnect* handle);
  ~LibvirtConnection() override;
  LibvirtConnection(const LibvirtConnection&) = delete;
  LibvirtConnection& operator=(const LibvirtConnection&) = delete;

  [[nodiscard]] const std::string& uri() const override { return uri_; }
  [[nodiscard]] bool remote() const override { return remote_; }
  [[nodiscard]] std::string versions() const override;
  [[nodiscard]] std::string qemu_version() const;

  [[nodiscard]] virConnect* handle() const { return handle_; }
  [[nodiscard]] bool embedded() const { return options_.uri.empty(); }
  // The daemon has gone, or the network to it.
  [[nodiscard]] bool lost() const { return *lost_; }
  // Of a daemon: libvirt's capabilities (XML), asked for once, since a daemon may probe QEMU for them.
  [[nodiscard]] const std::string& capabilities() const { return capabilities_; }
  // Whether libvirt can choose users: it runs as root.
  [[nodiscard]] bool privileged() const { return privileged_; }
  // The user that QEMU runs as; none if libvirt cannot choose, and QEMU runs as libvirt does.
  [[nodiscard]] const std::optional<sandbox::QemuUser>& user() const { return user_; }
  // Where libvirt puts QEMU's stderr; empty when not embedded.
  [[nodiscard]] fs::path qemu_log(const std::string& domain) const;
  void keep_capabilities() const;
  // libvirt tidies up after a guest in its own thread, up to 0.2 s; until it has, the guest's name, uuid and
  // sockets are taken. So the next start waits for it, and a last guest costs nothing.
  void leave_ending(std::unique_ptr<EndWatch> watch) { ending_.push_back(std::move(watch)); }
  void wait_for_ends();

 private:
  ConnectionOptions options_;
  std::string uri_;
  std::unique_ptr<EventLoop> loop_;
  virConnect* handle_;
  bool remote_ = false;
  std::string capabilities_;
  bool privileged_ = false;
  std::shared_ptr<std::atomic<bool>> lost_;  // with the callback
  std::optional<sandbox::QemuUser> user_;
  std::vector<std::unique_ptr<EndWatch>> ending_;
};

}  // namespace hangar::vm
