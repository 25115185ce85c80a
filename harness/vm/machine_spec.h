// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/base/fs.h"

// What a virtual machine is made of, as plain data; domain_xml.h turns it into libvirt's words.
namespace hangar::vm {

// Every machine has the same three channels, whatever the spec: ttyS0 (console), the debug port 0xe9
// (pulse) and the virtio-serial port org.hangar.agent; one with a root also ttyS1, the program's terminal.
// Nothing else is attached: no network, display, USB, balloon.
// `host`: the host's root by 9p, read-only, with the tag hangar-root. Such a machine cannot be saved.
enum class Root { none, disk, host };

struct MachineSpec {
  std::string name = "hangar";  // the domain's name: letters, digits, - and _
  std::string uuid = {};        // empty: a new one. Restoring needs that of the saved machine.
  fs::path kernel;              // bzImage, or a vmlinux with a PVH note (boots faster)
  fs::path initrd{};            // empty: none
  std::string cmdline = {};     // the guest's kernel command line, exactly
  fs::path disk{};              // /dev/vda by virtio-blk, written to by the guest; empty: none
  std::string disk_format = "raw";
  Root root = Root::none;
  // With Root::disk: /dev/vdb, qcow2, written to by the guest. For a guest on another host: the image, of
  // `root_format`, over which the qcow2 is made there; `disk` is then the image that is copied.
  fs::path root_disk{};
  std::string root_format = "qcow2";
  int disk_iops = 0;  // reads and writes together that it does in a second; 0: as many as it can
  int cpus = 1;
  std::uint64_t memory_bytes = 256ULL << 20;
  Accel accel = Accel::tcg;
  std::string machine_type = {};  // empty: the one that was measured to boot fastest
  std::string cpu_model = {};     // empty: a named model that suits `accel`, so that saved guests restore
  // Holds the channels' sockets while the machine lives; must exist. Its path must stay under 90 bytes, and
  // as root QEMU's user must be able to search its parents.
  fs::path run_folder;
  std::vector<std::string> qemu_arguments = {};  // appended as they are, e.g. a gdb stub
};

}  // namespace hangar::vm
