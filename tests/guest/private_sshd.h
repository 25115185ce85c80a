// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

#include "harness/base/files.h"
#include "harness/base/result.h"

namespace hangar::guest_tests {

// An sshd of the test on the loopback with new keys, which root may log in to. Ends with its owner.
class PrivateSshd {
 public:
  // An error says why there can be none here.
  [[nodiscard]] static Result<std::unique_ptr<PrivateSshd>> start();
  ~PrivateSshd();
  PrivateSshd(const PrivateSshd&) = delete;
  PrivateSshd& operator=(const PrivateSshd&) = delete;

  // The libvirt daemon that listens on `socket`, through this sshd.
  [[nodiscard]] std::string uri(const fs::path& socket) const;

 private:
  PrivateSshd(TempDir folder, int pid, int port) : folder_(std::move(folder)), pid_(pid), port_(port) {}
  TempDir folder_;
  int pid_;
  int port_;
};

}  // namespace hangar::guest_tests
