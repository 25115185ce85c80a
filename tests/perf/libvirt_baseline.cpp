// SPDX-License-Identifier: GPL-2.0-only
// The least that a run by embedded libvirt takes: opens libvirt, starts the machine of a run directory's
// bundle, starts its program, reads its channels until the guest has powered off. No watching, no files.
//   libvirt_baseline RUN_DIRECTORY
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "harness/guest/signals.h"
#include "harness/live/worker.h"
#include "harness/run/bundle.h"
#include "harness/sandbox/guard.h"
#include "harness/vm/machine.h"

namespace {

using namespace hangar;

Result<void> serve(vm::Machine& machine, const run::Bundle& bundle) {
  TRY(machine.start());
  const vm::Channels channels = machine.channels();
  pollfd waiting[3] = {
      {channels.console, POLLIN, 0}, {channels.agent, POLLIN, 0}, {channels.pulse, POLLIN, 0}};
  std::string heard;
  bool started = false;
  char buffer[65536];
  while (waiting[0].fd >= 0 && ::poll(waiting, 3, 60000) > 0) {
    for (pollfd& channel : waiting) {
      if (channel.fd < 0 || channel.revents == 0) continue;
      const ssize_t got = ::read(channel.fd, buffer, sizeof buffer);
      if (got == 0) channel.fd = -1;
      if (&channel == &waiting[1] && got > 0) heard.append(buffer, static_cast<size_t>(got));
    }
    if (!started && heard.find("hello") != std::string::npos) {
      started = true;
      TRY(machine.send_agent(guest::start_command(bundle.seed, 0, bundle.argv)));
    }
  }
  return machine.destroy();
}

Result<void> run_once(const fs::path& directory) {
  TRY_ASSIGN(run::Bundle bundle, run::load_bundle(directory));
  bundle.id += "-baseline";
  return live::with_machine(bundle, [&](vm::Machine& machine) { return serve(machine, bundle); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: libvirt_baseline RUN_DIRECTORY\n");
    return 2;
  }
  // libvirt waits for 60 s for a QEMU that its parent does not reap.
  const auto status = sandbox::run_guarded([&] {
    const auto done = run_once(argv[1]);
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    return done ? 0 : 1;
  });
  return status ? *status : 1;
}
