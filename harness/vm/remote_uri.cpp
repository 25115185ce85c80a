// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/remote_uri.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::vm {
namespace {

// qemu+TRANSPORT://USER@HOST:PORT/PATH?QUERY. Parts that are missing are empty.
struct Parts {
  std::string_view transport;
  std::string_view authority;  // USER@HOST:PORT
  std::string_view path;
  std::string_view query;
};

Parts parts_of(std::string_view uri) {
  Parts parts;
  const size_t question = uri.find('?');
  if (question != std::string_view::npos) parts.query = uri.substr(question + 1);
  uri = uri.substr(0, question);
  const size_t colon = uri.find("://");
  if (colon == std::string_view::npos) return parts;
  const std::string_view scheme = uri.substr(0, colon);
  const size_t plus = scheme.find('+');
  if (plus != std::string_view::npos) parts.transport = scheme.substr(plus + 1);
  parts.authority = uri.substr(colon + 3);
  const size_t slash = parts.authority.find('/');
  if (slash != std::string_view::npos) parts.path = parts.authority.substr(slash);
  parts.authority = parts.authority.substr(0, slash);
  return parts;
}

// The value of a parameter, as it is written; empty: none.
std::string_view parameter(std::string_view query, std::string_view name) {
  for (const std::string_view word : split(query, '&')) {
    const size_t equals = word.find('=');
    if (equals != std::string_view::npos && word.substr(0, equals) == name) return word.substr(equals + 1);
  }
  return {};
}

// No blank, quote or byte that is not printable.
bool is_plain(std::string_view uri) {
  return std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c <= '~' && c != '\''; });
}

bool by_ssh(const Parts& parts) {
  return parts.transport == "ssh";
}

}  // namespace

Result<void> check_uri(const std::string& uri) {
  const Parts parts = parts_of(uri);
  const bool qemu = uri.starts_with("qemu:") || uri.starts_with("qemu+");
  if (!qemu || parts.path.empty() || !is_plain(uri)) {
    return user_error(fmt::format(
        "`{}` is not a URI of libvirt's QEMU driver, such as qemu+ssh://HOST/system or qemu:///session",
        uri));
  }
  if (parts.transport == "ssh" || parts.transport == "tls") {
    if (parts.authority.empty()) return user_error(fmt::format("`{}` names no host", uri));
  }
  return {};
}

bool is_remote(const std::string& uri) {
  const Parts parts = parts_of(uri);
  return !parts.transport.empty() || !parts.authority.empty();
}

std::string host_of(const std::string& uri) {
  const Parts parts = parts_of(uri);
  const std::string_view host = parts.authority.substr(parts.authority.find('@') + 1);
  if (!host.empty()) return std::string(host);
  const std::string_view socket = parameter(parts.query, "socket");
  return socket.empty() ? "localhost" : std::string(socket);
}

std::string without_terminal(const std::string& uri) {
  const Parts parts = parts_of(uri);
  if (!by_ssh(parts) || !parameter(parts.query, "no_tty").empty()) return uri;
  return uri + (parts.query.empty() ? "?no_tty=1" : "&no_tty=1");
}

std::string connection_advice(const std::string& uri) {
  const Parts parts = parts_of(uri);
  const std::string host = host_of(uri);
  if (by_ssh(parts)) {
    return fmt::format(
        "check that ssh to {} asks for nothing, and that libvirt-daemon-system is installed there", host);
  }
  if (parts.transport == "tls") {
    return fmt::format("check that libvirtd of {} listens for TLS, and the certificates (virt-pki-validate)",
                       host);
  }
  return fmt::format("check that libvirtd is running; `virsh -c '{}' version` must work", uri);
}

}  // namespace hangar::vm
