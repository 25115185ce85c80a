// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/private_sshd.h"

#include <csignal>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/process.h"
#include "tests/guest/own_home.h"
#include "tests/loopback.h"

namespace hangar::guest_tests {
namespace {

Result<void> make_key(const fs::path& file) {
  TRY(run_checked({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.string()}}));
  return {};
}

// The client's settings, so that no file of the user is read or written.
Result<void> write_client(const fs::path& folder) {
  TRY(write_file(folder / "client", fmt::format("IdentityFile {}/user\nUserKnownHostsFile /dev/null\n"
                                                "StrictHostKeyChecking no\nLogLevel ERROR\n",
                                                folder.string())));
  TRY(write_file(folder / "ssh", fmt::format("#!/bin/sh\nexec ssh -F {}/client \"$@\"\n", folder.string())));
  if (::chmod((folder / "ssh").c_str(), 0700) != 0) return errno_error("chmod");
  return {};
}

Result<void> write_files(const fs::path& folder) {
  TRY(make_key(folder / "host"));
  TRY(make_key(folder / "user"));
  TRY(write_client(folder));
  return write_file(folder / "sshd_config",
                    fmt::format("ListenAddress 127.0.0.1\nHostKey {0}/host\nPidFile none\nUsePAM no\n"
                                "AuthorizedKeysFile {0}/user.pub\nStrictModes no\nLogLevel ERROR\n"
                                "PasswordAuthentication no\nPermitRootLogin prohibit-password\n",
                                folder.string()));
}

}  // namespace

Result<std::unique_ptr<PrivateSshd>> PrivateSshd::start() {
  if (::geteuid() != 0) return infra_error("a private sshd needs root, to log in as root");
  const auto program = find_program("sshd");
  if (!program) return infra_error("there is no sshd: the package openssh-server has it");
  if (!find_program("nc")) return infra_error("there is no nc: the package netcat-openbsd has it");
  TRY_ASSIGN(TempDir folder, TempDir::make("/tmp", "hangar-sshd"));
  TRY(write_files(folder.path()));
  TRY(fs::create_directories("/run/sshd"));  // of its privilege separation
  TRY_ASSIGN(const auto ports, loopback::free_ports(1));
  const int port = ports.front();
  const std::string settings = folder.path() / "sshd_config";
  const std::string number = std::to_string(port);
  const std::string log = folder.path() / "log";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execl(program->c_str(), program->c_str(), "-D", "-f", settings.c_str(), "-p", number.c_str(), "-E",
            log.c_str(), nullptr);
    ::_exit(5);
  }
  std::unique_ptr<PrivateSshd> sshd(new PrivateSshd(std::move(folder), pid, port));
  if (!wait_for([port] { return loopback::listens(port); }, std::chrono::seconds(10)))
    return infra_error("sshd did not start", read_file(log).value_or(""));
  return sshd;
}

PrivateSshd::~PrivateSshd() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string PrivateSshd::uri(const fs::path& socket) const {
  return fmt::format("qemu+ssh://root@127.0.0.1:{}/system?socket={}&command={}", port_, socket.string(),
                     (folder_.path() / "ssh").string());
}

}  // namespace hangar::guest_tests
