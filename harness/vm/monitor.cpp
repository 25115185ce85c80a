// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/monitor.h"

#include <charconv>
#include <limits>
#include <optional>

#include <libvirt/libvirt-qemu.h>

#include "harness/base/json.h"
#include "harness/vm/libvirt_error.h"

namespace hangar::vm {
namespace {

Result<std::string> monitor_command(virDomain* domain, const std::string& text, unsigned flags) {
  char* answer = nullptr;
  const int status = virDomainQemuMonitorCommand(domain, text.c_str(), &answer, flags);
  std::string said = take_text(answer);
  if (status < 0) return libvirt_error("asking QEMU for `" + text + "`");
  return said;
}

constexpr std::uint64_t max_cpu = 8191;  // NR_CPUS is at most 8192 (x86 with MAXSMP)
constexpr std::uint64_t max_32 = 0xffffffff;

// The number behind `key` in `text`, if it is one and no larger than `most`.
std::optional<std::uint64_t> field(std::string_view text, std::string_view key, int base,
                                   std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
  const size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(at + key.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || value > most) return std::nullopt;
  return value;
}

std::optional<VcpuSample> parse_cpu(std::string_view text) {
  const auto index = field(text, "CPU#", 10, max_cpu);
  auto rip = field(text, "RIP=", 16);
  if (!rip) rip = field(text, "EIP=", 16, max_32);
  if (!index || !rip) return std::nullopt;
  auto flags = field(text, "RFL=", 16);
  if (!flags) flags = field(text, "EFL=", 16);
  constexpr std::uint64_t interrupt_flag = 0x200;
  VcpuSample sample;
  sample.index = static_cast<int>(*index);
  sample.rip = *rip;
  sample.halted = field(text, "HLT=", 10) == 1U;
  sample.interrupts_enabled = flags && (*flags & interrupt_flag) != 0;
  sample.user_mode = field(text, "CPL=", 10) == 3U;
  return sample;
}

}  // namespace

Result<std::string> qmp(virDomain* domain, const std::string& command, const std::string& arguments) {
  std::string text = R"({"execute":")" + command + '"';
  if (!arguments.empty()) text += R"(,"arguments":)" + arguments;
  TRY_ASSIGN(const std::string answer, monitor_command(domain, text + '}', 0));
  const auto parsed = parse_object(answer);
  if (!parsed.contains("return")) {
    return infra_error("QEMU refused `" + command + "`", answer);
  }
  return json_text(parsed["return"]);
}

Result<std::string> hmp(virDomain* domain, const std::string& line) {
  return monitor_command(domain, line, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP);
}

std::vector<VcpuSample> parse_registers(std::string_view text) {
  std::vector<VcpuSample> samples;
  for (size_t at = text.find("CPU#"); at != std::string_view::npos;) {
    const size_t next = text.find("CPU#", at + 1);
    if (const auto sample = parse_cpu(text.substr(at, next - at))) samples.push_back(*sample);
    at = next;
  }
  return samples;
}

std::string json_string(const std::string& object, const std::string& member) {
  return hangar::field<std::string>(parse_object(object), member.c_str()).value_or("");
}

}  // namespace hangar::vm
