// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/vm/libvirt_connection.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// Files of guests on another host: volumes of its storage pool `hangar`. A kernel, an initramfs or a disk
// image is uploaded once and named by its SHA-256. An upload is complete when a second, empty volume NAME.ok
// exists, since libvirt has no rename. Names have random digits too, so that two hosts can upload the same
// file at the same time. A guest writes to volumes `run-...`.
class RemoteFiles {
 public:
  // Starts the pool, which is made if there is none. `lock_folder` has the locks of the processes of this
  // host.
  [[nodiscard]] static Result<RemoteFiles> open(const LibvirtConnection& connection, fs::path lock_folder);

  // The path there of the volume that has the bytes of `file`; uploads it if there is none.
  [[nodiscard]] Result<std::string> put(const fs::path& file);
  // A raw volume `name` with the bytes of `file`. The path there.
  [[nodiscard]] Result<std::string> copy(const fs::path& file, const std::string& name);
  // A qcow2 volume `name` over `file`, a disk image of that format. The path there.
  [[nodiscard]] Result<std::string> overlay(const fs::path& file, const std::string& format,
                                            const std::string& name);
  // Removes the volume `name` of the pool, if there is one.
  static void remove(virConnect* connection, const std::string& name);

 private:
  RemoteFiles(const LibvirtConnection& connection, PoolHandle pool, fs::path lock_folder)
      : connection_(&connection), pool_(std::move(pool)), lock_folder_(std::move(lock_folder)) {}
  [[nodiscard]] Result<std::vector<VolumeHandle>> volumes() const;
  [[nodiscard]] Result<VolumeHandle> find(const std::string& digest) const;
  [[nodiscard]] Result<VolumeHandle> ensure(const fs::path& file);
  [[nodiscard]] Result<VolumeHandle> upload(const fs::path& file, const std::string& digest);
  [[nodiscard]] Result<VolumeHandle> create(const std::string& xml, const std::string& name) const;
  void prune() const;

  const LibvirtConnection* connection_;
  PoolHandle pool_;
  fs::path lock_folder_;
};

// What of a pool is older than a week (uploads) or a day (disks of runs): names of volumes. Pure.
struct VolumeAge {
  std::string name;
  double age_s = 0;  // since it was written
};
[[nodiscard]] std::vector<std::string> old_volumes(const std::vector<VolumeAge>& volumes);

}  // namespace hangar::vm
