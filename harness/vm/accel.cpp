// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/accel.h"

#include <array>
#include <chrono>
#include <optional>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/sandbox/guard.h"
#include "harness/vm/connection.h"
#include "harness/vm/domain_name.h"
#include "harness/vm/machine.h"

namespace hangar::vm {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

// A guest under KVM prints within a second; one that has not by now will not.
constexpr std::chrono::seconds first_byte_deadline{8};
constexpr std::chrono::seconds trial_deadline{20};
constexpr auto emulator = "qemu-system-x86_64";
// A kernel that came as far as one of these has run its own memory management and drivers under KVM.
constexpr std::array<std::string_view, 3> far_enough{"Freeing unused kernel image", "Run /init as init",
                                                     "Kernel panic"};

std::string cpu_line() {
  const auto info = read_file("/proc/cpuinfo");
  const size_t at = info ? info->find("model name") : std::string::npos;
  return at == std::string::npos ? std::string() : info->substr(at, info->find('\n', at) - at);
}

// What the answer depends on: the host's CPU and kernel, QEMU's file, the guest's kernel.
std::string cache_key(const AccelRequest& request) {
  Digest digest;
  if (!request.uri.empty()) {
    return digest.add("uri", request.uri).add("host", request.host).add("kernel", request.kernel_key).hex();
  }
  digest.add("cpu", cpu_line());
  utsname host{};
  if (uname(&host) == 0) digest.add("host", std::string(host.release) + host.version);
  struct stat file {};
  const auto program = find_program(emulator);
  if (program && stat(program->c_str(), &file) == 0) {
    digest.add("qemu", fmt::format("{} {}", file.st_size, file.st_mtime));
  }
  digest.add("user", std::to_string(geteuid()));
  digest.add("kernel", request.kernel_key);
  return digest.hex();
}

Json read_cache(const fs::path& file) {
  const auto text = read_file(file);
  Json cache = text ? parse_object(*text) : Json();
  return cache.is_object() ? cache : Json::object();
}

std::optional<AccelReport> from_json(const Json& json) {
  AccelReport report;
  std::string accel;
  JsonReader in(json);
  in.take("accel", accel).take("reason", report.reason);
  in.take_if("detail", report.detail).take_if("probe_s", report.probe_s);
  report.accel = accel == "kvm" ? Accel::kvm : Accel::tcg;
  return in.fault() ? std::nullopt : std::optional(report);
}

Json to_json(const AccelReport& report) {
  return {{"accel", to_string(report.accel)},
          {"reason", report.reason},
          {"detail", report.detail},
          {"probe_s", report.probe_s}};
}

AccelReport tcg(std::string reason, std::string detail = {}) {
  AccelReport report;
  report.reason = std::move(reason);
  report.detail = std::move(detail);
  return report;
}

// Why KVM is out of the question without a trial, or nothing.
std::optional<AccelReport> ruled_out() {
  const Fd kvm(open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (kvm) return std::nullopt;
  if (errno == ENOENT) return tcg("this host has no /dev/kvm");
  return tcg(errno_error("/dev/kvm cannot be opened").message);
}

bool got_far(const std::string& console) {
  for (const auto text : far_enough) {
    if (console.find(text) != std::string::npos) return true;
  }
  return false;
}

std::string last_lines(const std::string& console) {
  constexpr size_t most = 600;
  return sanitize_for_terminal(console.size() > most ? console.substr(console.size() - most) : console);
}

std::string where(Machine& machine) {
  const auto samples = machine.sample_vcpus();
  if (!samples || samples->empty()) return {};
  return fmt::format("its first CPU is at {:#x}", samples->front().rip);
}

// Reads the console until the kernel got far enough, the guest stopped or ended, or time is up.
AccelReport watch_trial(Machine& machine) {
  std::string console;
  const auto began = Clock::now();
  while (!Cancel::requested() &&
         Clock::now() - began < (console.empty() ? first_byte_deadline : trial_deadline)) {
    pollfd waiting{machine.channels().console, POLLIN, 0};
    std::array<char, 4096> bytes{};
    if (poll(&waiting, 1, 200) > 0) {
      const ssize_t got = read(waiting.fd, bytes.data(), bytes.size());
      if (got > 0) console.append(bytes.data(), static_cast<size_t>(got));
      if (got != 0 && !got_far(console)) continue;
    }
    if (got_far(console)) {
      AccelReport report;
      report.accel = Accel::kvm;
      report.reason = "a trial guest booted under KVM";
      return report;
    }
    const auto state = machine.state();
    if (state && state->phase == Phase::running) continue;
    const std::string what = state ? fmt::format("{}: {}", to_string(state->phase), state->reason) : "gone";
    return tcg("KVM opens but does not run this kernel: the trial guest is " + what, last_lines(console));
  }
  const auto waited = console.empty() ? first_byte_deadline : trial_deadline;
  return tcg(fmt::format("KVM opens but does not run this kernel: the trial guest {} within {} s",
                         console.empty() ? "printed nothing" : "did not boot", waited.count()),
             last_lines(console) + where(machine));
}

Result<AccelReport> trial(const AccelRequest& request, const fs::path& folder) {
  ConnectionOptions options;
  options.uri = request.uri;
  options.root = folder / "lv";
  options.capabilities_cache = request.capabilities_cache;
  TRY_ASSIGN(const auto connection, Connection::open(options));
  MachineSpec spec;
  spec.name = domain_name(fmt::format("kvm-trial-{:08x}", std::random_device()()));
  spec.kernel = request.kernel;
  spec.initrd = request.initrd;
  spec.cmdline = "console=ttyS0 panic=-1";
  spec.accel = Accel::kvm;
  spec.run_folder = folder;
  TRY_ASSIGN(const auto machine, define(*connection, spec));
  if (const auto started = machine->start(); !started) {
    return tcg("KVM opens but QEMU does not start with it", started.error().message);
  }
  return watch_trial(*machine);
}

// In a separate process: one embedded connection per process, and nothing must be left of the trial.
Result<AccelReport> guarded_trial(const AccelRequest& request) {
  TRY_ASSIGN(const auto folder, sandbox::OwnedFolder::make(request.scratch, "kvm-"));
  const fs::path answer = folder.path() / "answer.json";
  const auto status = sandbox::run_guarded([&] {
    auto report = trial(request, folder.path());
    if (!report) report = tcg("the KVM trial failed: " + report.error().message, report.error().detail);
    return write_file(answer, json_text(to_json(*report))) ? 0 : 1;
  });
  if (!status) return Error(status.error()).within("trying KVM");
  if (Cancel::requested()) return interrupted_error();  // an unfinished trial shows nothing
  const auto text = read_file(answer);
  const auto report = from_json(text ? parse_object(*text) : Json());
  if (!report) return tcg(fmt::format("the KVM trial ended with status {} and no answer", *status));
  return *report;
}

}  // namespace

Result<AccelReport> probe_acceleration(const AccelRequest& request) {
  if (request.uri.empty()) {
    if (auto report = ruled_out()) return *report;
  }
  const fs::path file = request.cache / "accel.json";
  const std::string key = cache_key(request);
  if (!request.cache.empty()) {
    const Json cache = read_cache(file);
    if (auto known = cache.contains(key) ? from_json(cache[key]) : std::nullopt) {
      known->cached = true;
      return *known;
    }
  }
  const auto began = Clock::now();
  TRY_ASSIGN(AccelReport report, guarded_trial(request));
  report.probe_s = std::chrono::duration<double>(Clock::now() - began).count();
  if (!request.cache.empty() && fs::create_directories(request.cache)) {
    Json cache = read_cache(file);
    cache[key] = to_json(report);
    (void)write_file(file, json_text(cache, 2));  // not kept: asked again next time
  }
  return report;
}

}  // namespace hangar::vm
