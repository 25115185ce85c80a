// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "harness/vm/connection.h"
#include "harness/vm/event_loop.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Connection as the rest of this module sees it, with libvirt's handle. Closes the handle before the loop
// ends.
class LibvirtConnection : public Connection {
 public:
  LibvirtConnection(ConnectionOptions options, std::string uri, std::unique_ptr<EventLoop> loop,
                    virConnect* handle)
      : options_(std::move(options)), uri_(std::move(uri)), loop_(std::move(loop)), handle_(handle) {}
  ~LibvirtConnection() override;
  LibvirtConnection(const LibvirtConnection&) = delete;
  LibvirtConnection& operator=(const LibvirtConnection&) = delete;

  [[nodiscard]] const std::string& uri() const override { return uri_; }
  [[nodiscard]] std::string versions() const override;

  [[nodiscard]] virConnect* handle() const { return handle_; }
  [[nodiscard]] bool embedded() const { return options_.uri.empty(); }
  // Where libvirt puts QEMU's stderr; empty when not embedded.
  [[nodiscard]] std::filesystem::path qemu_log(const std::string& domain) const;
  void keep_capabilities() const;

 private:
  ConnectionOptions options_;
  std::string uri_;
  std::unique_ptr<EventLoop> loop_;
  virConnect* handle_;
};

}  // namespace hangar::vm
