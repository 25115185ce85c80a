// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/private_libvirtd.h"

#include <array>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/process.h"
#include "harness/sandbox/guard.h"
#include "tests/loopback.h"

namespace hangar::guest_tests {
namespace {

using std::chrono::steady_clock;

// What libvirtd keeps its things in; each gets a folder of ours in its place.
constexpr std::array<std::pair<const char*, const char*>, 5> places = {{{"etc", "/etc/libvirt"},
                                                                        {"run", "/run"},
                                                                        {"lib", "/var/lib/libvirt"},
                                                                        {"cache", "/var/cache/libvirt"},
                                                                        {"log", "/var/log/libvirt"}}};

// An authority, and one certificate for both sides. The names are those that libvirt looks for in `pkipath`.
Result<void> make_certificates(const fs::path& folder) {
  TRY(fs::create_directories(folder));
  const std::string script =
      "set -e; cd \"$1\"; key='ec -pkeyopt ec_paramgen_curve:prime256v1'\n"
      "openssl req -x509 -newkey $key -nodes -keyout cakey.pem -out cacert.pem -subj /CN=test -days 2\n"
      "openssl req -newkey $key -nodes -keyout clientkey.pem -out request -subj /CN=127.0.0.1\n"
      "printf 'subjectAltName=IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth\\n' > usage\n"
      "openssl x509 -req -in request -CA cacert.pem -CAkey cakey.pem -CAcreateserial -days 2 -extfile usage "
      "-out clientcert.pem\n";
  TRY(run_checked({.argv = {"sh", "-c", script, "sh", folder.string()}}));
  return {};
}

std::string tls_settings(const fs::path& folder, int port) {
  if (port == 0) return "";
  return fmt::format(
      "listen_tls = 1\nlisten_addr = \"127.0.0.1\"\ntls_port = \"{1}\"\nauth_tls = \"none\"\n"
      "key_file = \"{0}/clientkey.pem\"\ncert_file = \"{0}/clientcert.pem\"\nca_file = \"{0}/cacert.pem\"\n",
      (folder / "tls").string(), port);
}

Result<void> write_settings(const fs::path& folder, int tls_port) {
  for (const auto& [name, place] : places) TRY(fs::create_directories(folder / name));
  TRY(fs::create_directories(folder / "sock"));
  TRY(fs::create_directories(folder / "run/lock"));  // for locks of PTYs
  TRY(write_file(folder / "libvirtd.conf",
                 fmt::format("unix_sock_dir = \"{0}/sock\"\nauth_unix_rw = \"none\"\n"
                             "log_outputs = \"3:file:{0}/libvirtd.log\"\n",
                             folder.string()) +
                     tls_settings(folder, tls_port)));
  if (tls_port != 0) TRY(make_certificates(folder / "tls"));
  return write_file(folder / "etc/qemu.conf", "stdio_handler = \"file\"\nsecurity_driver = \"none\"\n");
}

// In the guard's own mount namespace.
int become_libvirtd(const fs::path& folder, const fs::path& program, bool listen) {
  for (const auto& [name, place] : places) {
    if (mount((folder / name).c_str(), place, nullptr, MS_BIND, nullptr) != 0) return 4;
  }
  // A child of libvirtd's logs to stderr whatever it is told.
  const Fd words(open((folder / "stderr").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  dup2(words.get(), STDERR_FILENO);
  const std::string settings = folder / "libvirtd.conf";
  const std::string pid_file = folder / "pid";
  execl(program.c_str(), program.c_str(), "-f", settings.c_str(), "-p", pid_file.c_str(),
        listen ? "--listen" : nullptr, nullptr);
  return 5;
}

}  // namespace

Result<std::unique_ptr<PrivateLibvirtd>> PrivateLibvirtd::start() {
  return start_at(0);
}

Result<std::unique_ptr<PrivateLibvirtd>> PrivateLibvirtd::start_tls() {
  if (!find_program("openssl")) return infra_error("there is no openssl: the package openssl has it");
  TRY_ASSIGN(const auto ports, loopback::free_ports(1));
  return start_at(ports.front());
}

Result<std::unique_ptr<PrivateLibvirtd>> PrivateLibvirtd::start_at(int tls_port) {
  if (geteuid() != 0) return infra_error("a private libvirtd needs root, for its namespaces");
  const auto program = find_program("libvirtd");
  if (!program) return infra_error("there is no libvirtd: the package libvirt-daemon-system brings it");
  for (const auto& [name, place] : places) {
    if (!fs::is_directory(place)) return infra_error(fmt::format("there is no {}", place));
  }
  TRY_ASSIGN(TempDir folder, TempDir::make("/tmp", "hangar-libvirtd"));
  chmod(folder.path().c_str(), 0711);
  TRY(write_settings(folder.path(), tls_port));
  const pid_t pid = fork();
  if (pid == 0) {
    const auto status =
        sandbox::run_guarded([&] { return become_libvirtd(folder.path(), *program, tls_port != 0); });
    _exit(status ? *status : 6);
  }
  const fs::path socket = folder.path() / "sock/libvirt-sock";
  for (const auto until = steady_clock::now() + std::chrono::seconds(30); !fs::exists(socket);) {
    int status = 0;
    const bool ended = waitpid(pid, &status, WNOHANG) == pid;
    if (ended || steady_clock::now() > until) {
      if (!ended) kill(pid, SIGKILL);
      const auto log = read_file(folder.path() / "libvirtd.log");
      return infra_error("libvirtd did not start", log ? *log : "");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // polling another process
  }
  return std::unique_ptr<PrivateLibvirtd>(new PrivateLibvirtd(std::move(folder), pid, tls_port));
}

PrivateLibvirtd::~PrivateLibvirtd() {
  end();
}

void PrivateLibvirtd::end() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);  // its guard's namespace goes with it
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::string PrivateLibvirtd::uri() const {
  return fmt::format("qemu:///system?socket={}", socket().string());
}

std::string PrivateLibvirtd::remote_uri() const {
  return fmt::format("qemu+unix:///system?socket={}", socket().string());
}

std::string PrivateLibvirtd::tls_uri() const {
  return fmt::format("qemu+tls://127.0.0.1:{}/system?pkipath={}", tls_port_,
                     (folder_.path() / "tls").string());
}

fs::path PrivateLibvirtd::socket() const {
  return folder_.path() / "sock/libvirt-sock";
}

fs::path PrivateLibvirtd::pool() const {
  return folder_.path() / "lib/hangar";
}

}  // namespace hangar::guest_tests
