// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/run/bundle.h"

// A guest that was saved after its hello, with the reproducer not yet started: what lies in its folder, and
// what it may be used for. saved_guests.h keeps them, guest_saver.h makes one.
namespace hangar::checkpoint {

struct SavedGuest {
  fs::path folder;
  std::string name;   // the domain's, which libvirt wants back together with the uuid
  std::string uuid;   // also distinguishes a saved guest from the one that replaced it
  std::string hello;  // the agent's line, which a restored guest does not send again
  std::string memory_digest;
  std::string disk_digest;
  std::string root_digest = {};  // "": the guest has no root on a disk

  [[nodiscard]] fs::path memory() const { return folder / "guest.save"; }
  [[nodiscard]] fs::path disk() const { return folder / "disk.img"; }
  // The overlay of the root's disk.
  [[nodiscard]] fs::path root() const { return folder / "root.qcow2"; }
  // The console from power-on to hello: not in the logs of restored runs.
  [[nodiscard]] fs::path boot_log() const { return folder / "boot.log"; }
};

// Two machines with the same key can go on from the same saved guest: all that booting depends on, and
// `host`: QEMU's version and the CPU's model. `guest_number` keeps several such guests apart.
[[nodiscard]] std::string saved_guest_key(const run::Bundle& bundle, const std::string& host);

// saved.json in the folder: written last, so that a folder with it is whole.
[[nodiscard]] Result<void> write_saved_guest(const SavedGuest& guest);
[[nodiscard]] Result<SavedGuest> read_saved_guest(const fs::path& folder);

// Of a file's data, holes left out: not what sha256sum prints.
[[nodiscard]] Result<std::string> digest_data(const fs::path& name);
// An Error when memory or disk are not what they were: a guest with a flipped bit could restore and then
// misbehave as if its kernel were at fault.
[[nodiscard]] Result<void> verify(const SavedGuest& guest);

}  // namespace hangar::checkpoint
