// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/connection.h"

#include <chrono>
#include <cstdlib>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <pugixml.hpp>
#include <sched.h>
#include <unistd.h>

#include "harness/vm/embed_root.h"
#include "harness/vm/libvirt_connection.h"
#include "harness/vm/libvirt_error.h"
#include "harness/vm/libvirt_library.h"
#include "harness/vm/opaque.h"
#include "harness/vm/remote_uri.h"

namespace hangar::vm {
namespace {

std::string version_text(unsigned long version) {
  return fmt::format("{}.{}.{}", version / 1000000, version / 1000 % 1000, version % 1000);
}

Result<std::string> embedded_uri(const ConnectionOptions& options) {
  if (options.root.empty()) return infra_error("the embedded libvirt was given no folder");
  TRY_ASSIGN(const fs::path root, fs::absolute(options.root));
  TRY(prepare_embed_root(root, options.capabilities_cache));
  // Warnings and worse go to a file beside the rest, unless the user asks libvirt for something else.
  setenv("LIBVIRT_LOG_OUTPUTS", fmt::format("3:file:{}/libvirt.log", root.string()).c_str(), 0);
  // An ordinary user's libvirt keeps a few things in the user's folders all the same, and fails without them.
  if (geteuid() != 0) setenv("XDG_CACHE_HOME", (root / "cache").c_str(), 1);
  return "qemu:///embed?root=" + root.string();
}

// Only a privileged libvirt can change users, by its model "dac".
bool chooses_users(const std::string& capabilities) {
  pugi::xml_document document;
  return document.load_string(capabilities.c_str()) &&
         document.select_node("/capabilities/host/secmodel[model='dac']");
}

// An ordinary user's guest under the system's libvirtd reads that user's files, so it runs as that user.
sandbox::QemuUser ourselves() {
  return {geteuid(), getegid(), std::to_string(geteuid()), std::to_string(getegid())};
}

// Keeps the calling thread on one CPU, the first that it may use. libvirt's driver reads the CPUID of the
// host while a connection is opened, and compares it with that of its cached capabilities. A part of CPUID
// names the CPU that it is read on: from another one, the host would seem to have changed, and libvirt (9.0)
// would probe QEMU again, which takes 0.8 s.
class OnOneCpu {
 public:
  OnOneCpu() {
    if (::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    int first = 0;
    while (first < CPU_SETSIZE && !CPU_ISSET(first, &before_)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    pinned_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~OnOneCpu() {
    if (pinned_) (void)::sched_setaffinity(0, sizeof before_, &before_);
  }
  OnOneCpu(const OnOneCpu&) = delete;
  OnOneCpu& operator=(const OnOneCpu&) = delete;

 private:
  cpu_set_t before_ = {};
  bool pinned_ = false;
};

// A connection that is silent for so long is lost: 6 questions without an answer, one every 5 s.
constexpr int keepalive_s = 5;
constexpr unsigned keepalives = 6;

using Lost = std::shared_ptr<std::atomic<bool>>;

void on_close(virConnectPtr /*connection*/, int /*reason*/, void* opaque) {
  **static_cast<Lost*>(opaque) = true;
}

// Of a daemon: libvirt's own driver has neither.
void watch_connection(virConnect* handle, const Lost& lost) {
  (void)virConnectSetKeepAlive(handle, keepalive_s, keepalives);
  auto holder = std::make_unique<Lost>(lost);
  if (virConnectRegisterCloseCallback(handle, on_close, holder.get(), delete_opaque<Lost>) == 0)
    (void)holder.release();
}

// libvirt's words first, since the advice is a guess.
Error connection_error(const std::string& uri) {
  Error error = libvirt_error("connecting to " + uri);
  if (is_remote(uri)) error.message += "; " + connection_advice(uri);
  return error;
}

virConnect* open_on_one_cpu(const std::string& uri) {
  const OnOneCpu pinned;
  return virConnectOpen(uri.c_str());
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  TRY(load_libvirt());
  std::string uri = options.uri;
  if (uri.empty()) {
    TRY_ASSIGN(uri, embedded_uri(options));
  }
  silence_libvirt();
  TRY_ASSIGN(auto loop, EventLoop::start());
  virConnect* handle = open_on_one_cpu(without_terminal(uri));
  if (handle == nullptr) return connection_error(uri);
  return std::unique_ptr<Connection>(
      std::make_unique<LibvirtConnection>(options, std::move(uri), std::move(loop), handle));
}

LibvirtConnection::LibvirtConnection(ConnectionOptions options, std::string uri,
                                     std::unique_ptr<EventLoop> loop, virConnect* handle)
    : options_(std::move(options)),
      uri_(std::move(uri)),
      loop_(std::move(loop)),
      handle_(handle),
      remote_(is_remote(uri_)),
      capabilities_(embedded() ? "" : take_text(virConnectGetCapabilities(handle))),
      privileged_(chooses_users(capabilities_)),
      lost_(std::make_shared<std::atomic<bool>>(false)) {
  if (embedded()) {
    user_ = sandbox::qemu_user();
    return;
  }
  watch_connection(handle, lost_);
  // On another host libvirt's own settings choose.
  if (privileged_ && !remote_) user_ = sandbox::qemu_user().value_or(ourselves());
}

LibvirtConnection::~LibvirtConnection() {
  ending_.clear();
  if (!embedded()) virConnectUnregisterCloseCallback(handle_, on_close);
  virConnectClose(handle_);
}

void LibvirtConnection::wait_for_ends() {
  constexpr std::chrono::seconds deadline{5};
  if (ending_.empty()) return;
  for (const auto& watch : ending_) (void)watch->wait(deadline);
  ending_.clear();
  // The event comes just before libvirt drops the domain from its list ("already being removed"), and nothing
  // reports that.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

std::string LibvirtConnection::qemu_version() const {
  unsigned long qemu = 0;
  virConnectGetVersion(handle_, &qemu);
  return version_text(qemu);
}

std::string LibvirtConnection::versions() const {
  unsigned long libvirt = 0;
  virConnectGetLibVersion(handle_, &libvirt);
  return fmt::format("QEMU {}, libvirt {}", qemu_version(), version_text(libvirt));
}

fs::path LibvirtConnection::qemu_log(const std::string& domain) const {
  return embedded() ? options_.root / "log/qemu" / (domain + ".log") : fs::path();
}

void LibvirtConnection::keep_capabilities() const {
  if (embedded()) vm::keep_capabilities(options_.root, options_.capabilities_cache);
}

}  // namespace hangar::vm
