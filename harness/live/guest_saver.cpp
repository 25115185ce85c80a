// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/guest_saver.h"

#include <array>
#include <chrono>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/guest/signals.h"
#include "harness/image/copy.h"
#include "harness/vm/domain_name.h"

namespace hangar::live {
namespace {

using Clock = std::chrono::steady_clock;

// The messages of a booting guest, until it is ready to be saved.
class Boot {
 public:
  Boot(vm::Machine& machine, std::chrono::milliseconds deadline)
      : machine_(machine), until_(Clock::now() + deadline), deadline_(deadline) {}

  Result<void> wait_until_ready() {
    while (!ready_) {
      if (Cancel::requested()) return interrupted_error();
      if (gone_) return failure("the guest ended before its hello");
      if (Clock::now() > until_) {
        return failure(
            fmt::format("no hello within {:.0f} s", std::chrono::duration<double>(deadline_).count()));
      }
      read_what_comes();
    }
    return {};
  }
  [[nodiscard]] const std::string& console() const { return console_; }
  [[nodiscard]] const std::string& hello() const { return hello_; }

 private:
  Error failure(const std::string& what) const {
    constexpr size_t shown = 1000;
    return infra_error("booting a guest to save it: " + what,
                       console_.substr(console_.size() - std::min(console_.size(), shown)));
  }

  void read_what_comes() {
    const vm::Channels channels = machine_.channels();
    std::array<pollfd, 5> waiting = {{{channels.console, POLLIN, 0},
                                      {channels.agent, POLLIN, 0},
                                      {channels.pulse, POLLIN, 0},
                                      {channels.program, POLLIN, 0},
                                      {Cancel::fd(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), 100) <= 0) return;
    std::array<char, 65536> buffer;
    for (size_t i = 0; i < 4; ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t got = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (got == 0) gone_ = true;
      if (got > 0) take(i, {buffer.data(), static_cast<size_t>(got)});
    }
  }

  void take(size_t channel, std::string_view bytes) {
    constexpr size_t most_console = 4 << 20;
    if (channel == 0 && console_.size() < most_console) console_ += bytes;
    if (channel == 1) agent_.feed(bytes, [this](std::string_view line) { on_agent(line); });
  }

  // The probe's first round has read its programs and files in: no repeat pays for that again. And nothing
  // else is under way on the agent's port for the half second until the next round.
  void on_agent(std::string_view line) {
    const auto message = guest::parse_agent(line);
    if (!message) return;
    if (message->type == guest::AgentMessage::Type::hello) hello_ = line;
    if (message->type == guest::AgentMessage::Type::probe && !hello_.empty()) ready_ = true;
  }

  vm::Machine& machine_;
  Clock::time_point until_;
  std::chrono::milliseconds deadline_;
  guest::LineCutter agent_;
  std::string console_;
  std::string hello_;
  bool ready_ = false;
  bool gone_ = false;
};

}  // namespace

Result<checkpoint::SavedGuest> save_guest(vm::Machine& machine, const run::Bundle& bundle,
                                          const GuestDisks& disks, const fs::path& folder) {
  TRY(machine.start());
  Boot boot(machine, bundle.boot_deadline);
  TRY(boot.wait_until_ready());
  checkpoint::SavedGuest guest;
  guest.folder = folder;
  guest.name = vm::domain_name(bundle.id);
  guest.uuid = machine.record().uuid;
  guest.hello = boot.hello();
  TRY(machine.save(guest.memory()));
  TRY(image::copy_sparse(disks.disk, guest.disk()));
  if (!disks.root.empty()) {
    TRY(image::copy_sparse(disks.root, guest.root()));
    TRY_ASSIGN(guest.root_digest, checkpoint::digest_data(guest.root()));
  }
  TRY(write_file(guest.boot_log(), boot.console()));
  TRY_ASSIGN(guest.memory_digest, checkpoint::digest_data(guest.memory()));
  TRY_ASSIGN(guest.disk_digest, checkpoint::digest_data(guest.disk()));
  TRY(checkpoint::write_saved_guest(guest));
  return guest;
}

}  // namespace hangar::live
