// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

#include "harness/base/files.h"
#include "harness/base/result.h"

namespace hangar::guest_tests {

// A libvirtd of the test's own: a PID and a mount namespace of its own, with its own /etc/libvirt,
// /run/libvirt and so on, so that the system's is neither needed nor touched. Ends with its owner.
class PrivateLibvirtd {
 public:
  // An error says why there can be none here: not root, no libvirtd installed, or its own last words.
  [[nodiscard]] static Result<std::unique_ptr<PrivateLibvirtd>> start();
  // One that also listens for TLS on the loopback, with new certificates.
  [[nodiscard]] static Result<std::unique_ptr<PrivateLibvirtd>> start_tls();
  ~PrivateLibvirtd();
  PrivateLibvirtd(const PrivateLibvirtd&) = delete;
  PrivateLibvirtd& operator=(const PrivateLibvirtd&) = delete;

  // As a daemon of this host, which uses paths.
  [[nodiscard]] std::string uri() const;
  // As the daemon of another host, which uses volumes and streams.
  [[nodiscard]] std::string remote_uri() const;
  // The same by TLS.
  [[nodiscard]] std::string tls_uri() const;
  [[nodiscard]] fs::path socket() const;
  // The folder of its storage pool `hangar`.
  [[nodiscard]] fs::path pool() const;
  // Of its guard, whose descendants are libvirtd and QEMU.
  [[nodiscard]] int pid() const { return pid_; }
  // Kills libvirtd; its namespace, with QEMU, goes with it.
  void end();

 private:
  [[nodiscard]] static Result<std::unique_ptr<PrivateLibvirtd>> start_at(int tls_port);
  PrivateLibvirtd(TempDir folder, int pid, int tls_port)
      : folder_(std::move(folder)), pid_(pid), tls_port_(tls_port) {}
  TempDir folder_;
  int pid_;
  int tls_port_;  // 0: none
};

}  // namespace hangar::guest_tests
