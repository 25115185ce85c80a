// SPDX-License-Identifier: GPL-2.0-only
#include "tests/loopback.h"

#include <cstdint>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "harness/base/fd.h"

namespace hangar::loopback {
namespace {

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

// Held until all are known, so that they differ.
Result<std::vector<int>> free_ports(std::size_t count) {
  std::vector<Fd> held;
  std::vector<int> ports;
  for (std::size_t i = 0; i < count; ++i) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = address_of(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT: as bind() wants it
    if (!fd || ::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0)
      return errno_error("cannot find a free port");
    ports.push_back(ntohs(address.sin_port));
    held.push_back(std::move(fd));
  }
  return ports;
}

bool listens(int port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = address_of(port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: as connect() wants it
  return ::connect(fd.get(), generic, sizeof address) == 0;
}

}  // namespace hangar::loopback
