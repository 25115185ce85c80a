// SPDX-License-Identifier: GPL-2.0-only
#include "harness/sandbox/kvm_node.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/sandbox/qemu_user.h"

namespace hangar::sandbox {
namespace {

constexpr auto node = "/dev/kvm";

// Group membership beyond the primary one is left out of account: a private node too many does no harm.
bool may_open(const struct stat& info, const QemuUser& user) {
  constexpr mode_t both = 06;
  if (info.st_uid == user.uid) return (info.st_mode >> 6 & both) == both;
  if (info.st_gid == user.gid) return (info.st_mode >> 3 & both) == both;
  return (info.st_mode & both) == both;
}

}  // namespace

bool kvm_node_is_shared() {
  const auto user = qemu_user();
  struct stat info {};
  return !user || stat(node, &info) != 0 || !S_ISCHR(info.st_mode) || may_open(info, *user);
}

void share_kvm_node() {
  if (kvm_node_is_shared()) return;
  const auto user = qemu_user();
  struct stat info {};
  if (stat(node, &info) != 0) return;
  if (mount("none", "/proc", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k") != 0) return;
  // The bind mount outlives the file system's own place in the tree.
  if (mknod("/proc/kvm", S_IFCHR | 0600, info.st_rdev) == 0 && give("/proc/kvm", user)) {
    (void)mount("/proc/kvm", node, nullptr, MS_BIND, nullptr);
  }
  umount2("/proc", MNT_DETACH);
}

}  // namespace hangar::sandbox
