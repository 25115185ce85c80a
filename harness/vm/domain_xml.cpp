// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/domain_xml.h"

#include <sstream>

#include <pugixml.hpp>
#include <sys/un.h>

namespace hangar::vm {
namespace {

using pugi::xml_node;

xml_node add(xml_node parent, const char* name) {
  return parent.append_child(name);
}

void add_text(xml_node parent, const char* name, const std::string& text) {
  add(parent, name).text().set(text.c_str());
}

void set(xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(value.c_str());
}

void add_boot(xml_node domain, const MachineSpec& spec) {
  const xml_node os = add(domain, "os");
  const xml_node type = add(os, "type");
  set(type, "arch", "x86_64");
  set(type, "machine", spec.machine_type.empty() ? "pc" : spec.machine_type);
  type.text().set("hvm");
  add_text(os, "kernel", spec.kernel.string());
  if (!spec.initrd.empty()) add_text(os, "initrd", spec.initrd.string());
  add_text(os, "cmdline", spec.cmdline);
}

// A kernel with CONFIG_FW_CFG_SYSFS and CONFIG_PROC_KCORE writes the address of its notes for crash dumps
// into this device, and QEMU copies the notes into a dump. drgn and crash need them; whether they suffice is
// stated in README.md. For another kernel it is a device without a driver.
void add_vmcoreinfo(xml_node features) {
  set(add(features, "vmcoreinfo"), "state", "on");
}

void add_cpu(xml_node domain, const MachineSpec& spec) {
  const xml_node features = add(domain, "features");
  add(features, "acpi");
  add(features, "apic");
  add_vmcoreinfo(features);
  const xml_node cpu = add(domain, "cpu");
  set(cpu, "mode", "custom");
  set(cpu, "match", "exact");
  set(cpu, "check", "none");
  const xml_node model = add(cpu, "model");
  set(model, "fallback", "forbid");
  const char* suited = spec.accel == Accel::kvm ? "kvm64" : "qemu64";
  model.text().set(spec.cpu_model.empty() ? suited : spec.cpu_model.c_str());
}

// No HPET: fewer clock sources to choose from, so every guest keeps time alike. Lost RTC ticks are not
// caught up: a burst of them after a stall would look like the guest's own doing.
void add_clock(xml_node domain) {
  const xml_node clock = add(domain, "clock");
  set(clock, "offset", "utc");
  const xml_node hpet = add(clock, "timer");
  set(hpet, "name", "hpet");
  set(hpet, "present", "no");
  const xml_node rtc = add(clock, "timer");
  set(rtc, "name", "rtc");
  set(rtc, "tickpolicy", "delay");
}

// Every end of the guest is an end of QEMU: a reboot is seen as one instead of being boot number two.
void add_ends(xml_node domain) {
  add_text(domain, "on_poweroff", "destroy");
  add_text(domain, "on_reboot", "destroy");
  add_text(domain, "on_crash", "destroy");
}

void add_disk(xml_node devices, const fs::path& file, const std::string& format, const char* device,
              int iops) {
  const xml_node disk = add(devices, "disk");
  set(disk, "type", "file");
  set(disk, "device", "disk");
  const xml_node driver = add(disk, "driver");
  set(driver, "name", "qemu");
  set(driver, "type", format);
  set(driver, "cache", "unsafe");  // the disk is thrown away with the run: no flush need reach the host's
  set(add(disk, "source"), "file", file.string());
  const xml_node target = add(disk, "target");
  set(target, "dev", device);
  set(target, "bus", "virtio");
  if (iops > 0) add_text(add(disk, "iotune"), "total_iops_sec", std::to_string(iops));
}

// `multidevs`: files of several file systems get inode numbers that differ.
void add_host_root(xml_node devices) {
  const xml_node shared = add(devices, "filesystem");
  set(shared, "type", "mount");
  set(shared, "accessmode", "passthrough");
  set(shared, "multidevs", "remap");
  set(add(shared, "source"), "dir", "/");
  set(add(shared, "target"), "dir", "hangar-root");
  add(shared, "readonly");
}

void add_disks(xml_node devices, const MachineSpec& spec) {
  if (!spec.disk.empty()) add_disk(devices, spec.disk, spec.disk_format, "vda", spec.disk_iops);
  if (spec.root == Root::disk) add_disk(devices, spec.root_disk, "qcow2", "vdb", spec.disk_iops);
  if (spec.root == Root::host) add_host_root(devices);
}

xml_node add_socket(xml_node devices, const char* element, const fs::path& path) {
  const xml_node node = add(devices, element);
  set(node, "type", "unix");
  const xml_node source = add(node, "source");
  set(source, "mode", "connect");
  set(source, "path", path.string());
  return node;
}

xml_node add_pipe(xml_node devices, const fs::path& path) {
  const xml_node node = add(devices, "serial");
  set(node, "type", "pipe");
  set(add(node, "source"), "path", path.string());
  return node;
}

void add_target(xml_node serial, const char* port, const char* type, const char* model) {
  const xml_node target = add(serial, "target");
  set(target, "type", type);
  set(target, "port", port);
  set(add(target, "model"), "name", model);
}

// Without a source: libvirt chooses the PTY, or the path of the socket.
xml_node add_stream(xml_node devices, const char* element, const char* type) {
  const xml_node node = add(devices, element);
  set(node, "type", type);
  return node;
}

// The devices without their targets.
struct ChannelNodes {
  xml_node console;
  xml_node program;  // none: the machine has no root
  xml_node pulse;
  xml_node agent;
};

ChannelNodes channels_by_path(xml_node devices, const MachineSpec& spec) {
  const ChannelPaths paths = channel_paths(spec.run_folder);
  ChannelNodes nodes;
  nodes.console = add_socket(devices, "serial", paths.console);
  if (spec.root != Root::none) nodes.program = add_socket(devices, "serial", paths.program);
  nodes.pulse = add_pipe(devices, paths.pulse);
  nodes.agent = add_socket(devices, "channel", paths.agent);
  return nodes;
}

ChannelNodes channels_by_stream(xml_node devices, const MachineSpec& spec) {
  ChannelNodes nodes;
  nodes.console = add_stream(devices, "serial", "pty");
  if (spec.root != Root::none) nodes.program = add_stream(devices, "serial", "pty");
  nodes.pulse = add_stream(devices, "serial", "pty");
  nodes.agent = add_stream(devices, "channel", "unix");
  return nodes;
}

void add_channels(xml_node devices, const MachineSpec& spec, ChannelKind kind) {
  const ChannelNodes nodes =
      kind == ChannelKind::paths ? channels_by_path(devices, spec) : channels_by_stream(devices, spec);
  add_target(nodes.console, "0", "isa-serial", "isa-serial");
  if (nodes.program) add_target(nodes.program, "1", "isa-serial", "isa-serial");
  add_target(nodes.pulse, nodes.program ? "2" : "1", "isa-debug", "isa-debugcon");
  const xml_node target = add(nodes.agent, "target");
  set(target, "type", "virtio");
  set(target, "name", "org.hangar.agent");
}

void add_devices(xml_node domain, const MachineSpec& spec, ChannelKind channels) {
  const xml_node devices = add(domain, "devices");
  const xml_node usb = add(devices, "controller");
  set(usb, "type", "usb");
  set(usb, "model", "none");
  add_disks(devices, spec);
  add_channels(devices, spec, channels);
  set(add(devices, "memballoon"), "model", "none");
}

void add_user(xml_node domain, const sandbox::QemuUser& user) {
  const xml_node label = add(domain, "seclabel");
  set(label, "type", "static");
  set(label, "model", "dac");
  set(label, "relabel", "no");
  add_text(label, "label", "+" + std::to_string(user.uid) + ":+" + std::to_string(user.gid));
}

// With this capability libvirt asks QEMU for every CPU property by itself at each start, 398 questions (0.35
// s) whose answers are not read; without it, for all feature words at once (qemuProcessFetchGuestCPU,
// libvirt 9.0).
constexpr const char* capability_not_used = "cpu-unavailable-features";

void add_qemu_namespace(xml_node domain, const std::vector<std::string>& arguments) {
  set(domain, "xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0");
  if (!arguments.empty()) {
    const xml_node line = add(domain, "qemu:commandline");
    for (const auto& argument : arguments) set(add(line, "qemu:arg"), "value", argument);
  }
  set(add(add(domain, "qemu:capabilities"), "qemu:del"), "capability", capability_not_used);
}

}  // namespace

ChannelPaths channel_paths(const fs::path& run_folder) {
  return {run_folder / "console.sock", run_folder / "agent.sock", run_folder / "pulse",
          run_folder / "program.sock"};
}

ChannelAliases channel_aliases(const MachineSpec& spec) {
  if (spec.root == Root::none) return {"serial0", "channel0", "serial1", ""};
  return {"serial0", "channel0", "serial2", "serial1"};
}

Result<void> check_spec(const MachineSpec& spec) {
  constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (spec.name.empty() || spec.name.find_first_not_of(allowed) != std::string::npos) {
    return infra_error("a machine's name has letters, digits, - _ and . only, not `" + spec.name + "`");
  }
  if (spec.kernel.empty()) return infra_error("the machine " + spec.name + " was given no kernel");
  if (spec.cpus < 1) return user_error("a machine needs at least one CPU");
  if (spec.memory_bytes < (16ULL << 20)) return user_error("a machine needs at least 16 MiB of memory");
  const std::string longest = channel_paths(spec.run_folder).console.string();
  if (longest.size() >= sizeof(sockaddr_un::sun_path)) {
    return infra_error("the path " + longest + " is too long for a socket (107 bytes); use a shorter --home");
  }
  return {};
}

std::string domain_xml(const MachineSpec& spec, const std::optional<sandbox::QemuUser>& user,
                       ChannelKind channels) {
  pugi::xml_document document;
  const xml_node domain = add(document, "domain");
  set(domain, "type", spec.accel == Accel::kvm ? "kvm" : "qemu");
  add_text(domain, "name", spec.name);
  if (!spec.uuid.empty()) add_text(domain, "uuid", spec.uuid);
  const xml_node memory = add(domain, "memory");
  set(memory, "unit", "b");
  memory.text().set(static_cast<unsigned long long>(spec.memory_bytes));
  add_text(domain, "vcpu", std::to_string(spec.cpus));
  add_boot(domain, spec);
  add_cpu(domain, spec);
  add_clock(domain);
  add_ends(domain);
  add_devices(domain, spec, channels);
  if (user) add_user(domain, *user);
  add_qemu_namespace(domain, spec.qemu_arguments);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default | pugi::format_no_declaration);
  return text.str();
}

}  // namespace hangar::vm
