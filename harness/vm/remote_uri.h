// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"

// Where the daemon of a libvirt URI is. Pure: nothing is asked.
namespace hangar::vm {

// Whether it can be a URI of libvirt's QEMU driver.
[[nodiscard]] Result<void> check_uri(const std::string& uri);
// Whether the guest's files and channels go through libvirt: the URI has a transport (qemu+ssh, qemu+tls,
// qemu+unix) or a host. Otherwise the daemon is on this host and uses paths.
[[nodiscard]] bool is_remote(const std::string& uri);
// The host as records name it: "build7", "build7:2222"; of a URI without a host the path of its socket, or
// "localhost".
[[nodiscard]] std::string host_of(const std::string& uri);
// The URI as libvirt gets it: ssh must not ask for a password, since a worker has no terminal.
[[nodiscard]] std::string without_terminal(const std::string& uri);
// What to check if the URI cannot be opened: one sentence.
[[nodiscard]] std::string connection_advice(const std::string& uri);

}  // namespace hangar::vm
