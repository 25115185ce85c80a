// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/vm_guest.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "tests/places.h"

namespace hangar::vm {
namespace {

using std::chrono::steady_clock;

// One member of a cpio archive in the "newc" form that the kernel unpacks.
std::string member(const std::string& name, unsigned mode, const std::string& bytes, unsigned major = 0,
                   unsigned minor = 0) {
  const auto pad = [](std::string& text) { text.append((4 - text.size() % 4) % 4, '\0'); };
  std::string text =
      fmt::format("070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}", 0,
                  mode, 0, 0, 1, 0, bytes.size(), 0, 0, major, minor, name.size() + 1, 0);
  text += name + '\0';
  pad(text);
  text += bytes;
  pad(text);
  return text;
}

Result<std::string> initramfs() {
  TRY_ASSIGN(const std::string init, read_file(places::vm_init));
  std::string archive;
  for (const char* folder : {"dev", "proc", "sys"}) archive += member(folder, 040755, "");
  archive += member("dev/console", 020600, "", 5, 1);
  archive += member("init", 0100755, init);
  archive += member("TRAILER!!!", 0, "");
  return archive;
}

// Where the program put the v6.1 that it built (a member of one JSON object).
std::optional<std::string> built_kernel() {
  Command command{.argv = {places::program, "build", "v6.1", "--json"}};
  command.directory = places::source;
  command.separate_stderr = true;
  const auto built = run_process(command);
  constexpr std::string_view key = "\"bzimage\"";
  const size_t at = built ? built->output.find(key) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  const size_t begin = built->output.find('"', at + key.size());
  const size_t end = begin == std::string::npos ? begin : built->output.find('"', begin + 1);
  if (end == std::string::npos) return std::nullopt;
  return built->output.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::optional<std::string> test_kernel() {
  static const std::optional<std::string> found = [] {
    const char* path = getenv("HANGAR_TEST_KERNEL");
    return path != nullptr && access(path, R_OK) == 0 ? std::optional<std::string>(path) : built_kernel();
  }();
  return found;
}

Result<std::unique_ptr<Bench>> Bench::make(const std::string& parent) {
  const std::string usual = "/tmp/hangar-guest-tests-" + std::to_string(geteuid());
  TRY_ASSIGN(auto folder, sandbox::OwnedFolder::make(parent.empty() ? usual : parent, "vm-"));
  const std::string initrd = folder.path() / "initrd";
  TRY_ASSIGN(const std::string archive, initramfs());
  TRY(write_file(initrd, archive));
  ConnectionOptions options;
  options.root = folder.path() / "lv";
  options.capabilities_cache = folder.path().parent_path() / "capabilities";
  TRY_ASSIGN(auto connection, Connection::open(options));
  return std::unique_ptr<Bench>(new Bench{std::move(folder), initrd, std::move(connection)});
}

MachineSpec Bench::spec(const std::string& name) const {
  MachineSpec spec;
  spec.name = name;
  spec.kernel = test_kernel().value_or("");
  spec.initrd = initrd;
  spec.cmdline = "console=ttyS0 panic=-1 sysrq_always_enabled";
  spec.run_folder = folder.path();
  return spec;
}

bool Guest::read_until(const std::function<bool()>& done, std::chrono::seconds deadline) {
  const auto end = steady_clock::now() + deadline;
  const Channels channels = machine_->channels();
  std::array<pollfd, 3> waiting{
      {{channels.console, POLLIN, 0}, {channels.agent, POLLIN, 0}, {channels.pulse, POLLIN, 0}}};
  const std::array<std::string*, 3> texts{&console, &agent, &pulse};
  while (!done()) {
    if (steady_clock::now() > end) return false;
    poll(waiting.data(), waiting.size(), 100);
    for (size_t i = 0; i < waiting.size(); ++i) {
      std::array<char, 65536> bytes{};
      if (waiting[i].revents == 0) continue;
      const ssize_t got = read(waiting[i].fd, bytes.data(), bytes.size());
      if (got > 0) texts[i]->append(bytes.data(), static_cast<size_t>(got));
      if (got == 0) waiting[i].fd = -1;
    }
    if (waiting[0].fd < 0) return done();
  }
  return true;
}

bool Guest::console_has(std::string_view text, std::chrono::seconds deadline) {
  return read_until([&] { return console.find(text) != std::string::npos; }, deadline);
}

bool Guest::agent_has(std::string_view text, std::chrono::seconds deadline) {
  return read_until([&] { return agent.find(text) != std::string::npos; }, deadline);
}

bool Guest::pulse_has(std::string_view text, std::chrono::seconds deadline) {
  return read_until([&] { return pulse.find(text) != std::string::npos; }, deadline);
}

void Guest::wait_for_quiet() {
  for (size_t before = console.size() + 1; console.size() != before;) {
    before = console.size();
    (void)read_until([] { return false; }, std::chrono::seconds(1));
  }
}

bool Guest::ends(std::chrono::seconds deadline) {
  (void)read_until([] { return false; }, deadline);
  pollfd gone{machine_->channels().qemu, POLLIN, 0};
  return poll(&gone, 1, 5000) > 0;
}

}  // namespace hangar::vm
