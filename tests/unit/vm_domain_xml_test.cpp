// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <pugixml.hpp>

#include "harness/vm/domain_xml.h"

namespace hangar::vm {
namespace {

using testing::HasSubstr;

MachineSpec small_spec() {
  MachineSpec spec;
  spec.name = "run-1";
  spec.kernel = "/k/vmlinux";
  spec.initrd = "/k/initramfs";
  spec.cmdline = "console=ttyS0 quote=\"<&>\"";
  spec.cpus = 2;
  spec.run_folder = "/r";
  return spec;
}

pugi::xml_document parsed(const MachineSpec& spec) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(domain_xml(spec).c_str()));
  return document;
}

std::string value_at(const pugi::xml_document& document, const char* path) {
  const auto found = document.select_node(path);
  if (found.attribute()) return found.attribute().value();
  return found.node().text().get();
}

TEST(DomainXml, UserIsSetAndNoFileIsGivenAway) {
  pugi::xml_document xml;
  ASSERT_TRUE(xml.load_string(domain_xml(small_spec(), sandbox::QemuUser{64, 10, "q", "q"}).c_str()));
  EXPECT_EQ(value_at(xml, "/domain/seclabel/label"), "+64:+10");
  EXPECT_EQ(value_at(xml, "/domain/seclabel/@relabel"), "no");
  EXPECT_EQ(parsed(small_spec()).select_node("/domain/seclabel").node(), pugi::xml_node());
}

TEST(DomainXml, ARootIsASecondDiskOrTheHostsFilesReadOnly) {
  EXPECT_EQ(parsed(small_spec()).select_nodes("//serial").size(), 2u);
  MachineSpec spec = small_spec();
  spec.root = Root::disk;
  spec.root_disk = "/r/root.qcow2";
  const auto disk = parsed(spec);
  EXPECT_EQ(value_at(disk, "//disk[target/@dev='vdb']/source/@file"), "/r/root.qcow2");
  EXPECT_EQ(value_at(disk, "//disk[target/@dev='vdb']/driver/@type"), "qcow2");
  EXPECT_EQ(value_at(disk, "//serial[target/@port='1']/source/@path"), "/r/program.sock");
  spec.root = Root::host;
  const auto host = parsed(spec);
  EXPECT_EQ(value_at(host, "//filesystem/source/@dir"), "/");
  EXPECT_TRUE(host.select_node("//filesystem/readonly"));
  EXPECT_FALSE(host.select_node("//disk[target/@dev='vdb']"));
}

TEST(DomainXml, CarriesTheSpec) {
  const auto xml = parsed(small_spec());
  EXPECT_EQ(value_at(xml, "/domain/@type"), "qemu");
  EXPECT_EQ(value_at(xml, "/domain/name"), "run-1");
  EXPECT_EQ(value_at(xml, "/domain/memory"), "268435456");
  EXPECT_EQ(value_at(xml, "/domain/memory/@unit"), "b");
  EXPECT_EQ(value_at(xml, "/domain/vcpu"), "2");
  EXPECT_EQ(value_at(xml, "/domain/os/kernel"), "/k/vmlinux");
  EXPECT_EQ(value_at(xml, "/domain/os/initrd"), "/k/initramfs");
  EXPECT_EQ(value_at(xml, "/domain/os/cmdline"), "console=ttyS0 quote=\"<&>\"");
  EXPECT_EQ(value_at(xml, "/domain/uuid"), "");
}

TEST(DomainXml, ChannelsOfAnotherHostAreThoseThatLibvirtOpensStreamsOf) {
  MachineSpec spec = small_spec();
  for (const Root root : {Root::none, Root::disk}) {
    spec.root = root;
    pugi::xml_document xml;
    ASSERT_TRUE(xml.load_string(domain_xml(spec, {}, ChannelKind::streams).c_str()));
    EXPECT_FALSE(xml.select_node("//serial[@type!='pty']"));
    EXPECT_FALSE(xml.select_node("//serial/source | //channel/source"));
    EXPECT_EQ(value_at(xml, "//channel/@type"), "unix");
    EXPECT_EQ(value_at(xml, "//channel/target/@name"), "org.hangar.agent");
    // libvirt counts serial ports in the order of the XML.
    const ChannelAliases aliases = channel_aliases(spec);
    const auto ports = xml.select_nodes("//serial/target/@type");
    EXPECT_EQ(aliases.console, "serial0");
    EXPECT_EQ(aliases.pulse, "serial" + std::to_string(ports.size() - 1));
    EXPECT_STREQ(ports[ports.size() - 1].attribute().value(), "isa-debug");
    EXPECT_EQ(aliases.program, root == Root::none ? "" : "serial1");
  }
}

TEST(DomainXml, HasTheThreeChannels) {
  const auto xml = parsed(small_spec());
  EXPECT_EQ(value_at(xml, "//serial[target/@type='isa-serial']/source/@path"), "/r/console.sock");
  EXPECT_EQ(value_at(xml, "//serial[target/model/@name='isa-debugcon']/source/@path"), "/r/pulse");
  EXPECT_EQ(value_at(xml, "//serial[target/model/@name='isa-debugcon']/@type"), "pipe");
  EXPECT_EQ(value_at(xml, "//channel[target/@name='org.hangar.agent']/source/@path"), "/r/agent.sock");
  EXPECT_EQ(xml.select_nodes("//source[@mode='connect']").size(), 2U);
}

TEST(DomainXml, HasNothingElse) {
  const auto xml = parsed(small_spec());
  EXPECT_EQ(value_at(xml, "//memballoon/@model"), "none");
  EXPECT_EQ(value_at(xml, "//controller[@type='usb']/@model"), "none");
  EXPECT_EQ(xml.select_nodes("//disk | //interface | //graphics | //video | //rng").size(), 0U);
}

TEST(DomainXml, KernelCanLeaveItsNotesForDumps) {
  EXPECT_EQ(value_at(parsed(small_spec()), "/domain/features/vmcoreinfo/@state"), "on");
}

TEST(DomainXml, ARebootEndsTheRun) {
  const auto xml = parsed(small_spec());
  EXPECT_EQ(value_at(xml, "/domain/on_reboot"), "destroy");
  EXPECT_EQ(value_at(xml, "/domain/on_crash"), "destroy");
}

TEST(DomainXml, DiskKvmCpuMachineUuidAndQemuArguments) {
  auto spec = small_spec();
  spec.disk = "/r/disk.qcow2";
  spec.disk_format = "qcow2";
  spec.disk_iops = 50;
  spec.accel = Accel::kvm;
  spec.cpu_model = "Nehalem";
  spec.machine_type = "q35";
  spec.uuid = "cd546876-5305-4879-a238-f8941579513a";
  spec.qemu_arguments = {"-gdb", "unix:/r/gdb.sock"};
  const auto xml = parsed(spec);
  EXPECT_EQ(value_at(xml, "/domain/@type"), "kvm");
  EXPECT_EQ(value_at(xml, "//disk/source/@file"), "/r/disk.qcow2");
  EXPECT_EQ(value_at(xml, "//disk/driver/@type"), "qcow2");
  EXPECT_EQ(value_at(xml, "//disk/target/@dev"), "vda");
  EXPECT_EQ(value_at(xml, "//disk/iotune/total_iops_sec"), "50");
  EXPECT_EQ(value_at(xml, "/domain/cpu/model"), "Nehalem");
  EXPECT_EQ(value_at(xml, "/domain/os/type/@machine"), "q35");
  EXPECT_EQ(value_at(xml, "/domain/uuid"), spec.uuid);
  EXPECT_EQ(value_at(xml, "/domain/qemu:commandline/qemu:arg[2]/@value"), "unix:/r/gdb.sock");
}

TEST(CheckSpec, NamesWhatIsWrong) {
  EXPECT_TRUE(check_spec(small_spec()));
  auto spec = small_spec();
  spec.name = "a/b";
  EXPECT_THAT(check_spec(spec).error().message, HasSubstr("`a/b`"));
  spec = small_spec();
  spec.cpus = 0;
  EXPECT_EQ(check_spec(spec).error().fault, Fault::user);
  spec = small_spec();
  spec.memory_bytes = 1 << 20;
  EXPECT_EQ(check_spec(spec).error().fault, Fault::user);
  spec = small_spec();
  spec.run_folder = std::string(100, 'x');
  EXPECT_THAT(check_spec(spec).error().message, HasSubstr("too long for a socket"));
}

}  // namespace
}  // namespace hangar::vm
