// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/root.h"

#include <cstring>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/image/debian_root.h"

namespace hangar::image {
namespace {

Error unusable(const fs::path& disk, const std::string& why) {
  return user_error(fmt::format("the disk image {} {}", disk.string(), why));
}

// The format, by QEMU's own reader: `raw` is what has no other.
Result<std::string> format_of(const fs::path& disk) {
  TRY_ASSIGN(const Finished asked,
             run_process({.argv = {"qemu-img", "info", "--output=json", "-U", disk.string()},
                          .deadline = deadline_of::question}));
  if (!asked.good()) return unusable(disk, "cannot be read: " + std::string(trim(asked.output)));
  const auto info = parse_object(asked.output);
  const std::string format = field<std::string>(info, "format").value_or("");
  if (format == "raw" || format == "qcow2") return format;
  return unusable(
      disk, fmt::format("has the format `{}`, and only raw and qcow2 can be used: convert it with `qemu-img "
                        "convert -O qcow2`",
                        sanitize_for_terminal(format)));
}

// Its first bytes, as the guest sees them.
Result<std::string> first_bytes(const RootRequest& request, const std::string& format) {
  TRY_ASSIGN(const TempDir scratch, TempDir::make(request.cache, ".disk-"));
  const fs::path part = scratch.path() / "part";
  TRY_ASSIGN(const Finished copied,
             run_process({.argv = {"qemu-img", "dd", "-U", "-f", format, "-O", "raw", "bs=4096", "count=1",
                                   "if=" + request.disk.string(), "of=" + part.string()},
                          .deadline = deadline_of::question}));
  if (!copied.good()) return unusable(request.disk, "cannot be read: " + std::string(trim(copied.output)));
  return read_file(part);
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  std::uint16_t number = 0;
  if (at + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

// The guest mounts the whole disk: its kernels have no driver for partitions.
Result<void> check_content(const fs::path& disk, std::string_view bytes) {
  constexpr std::size_t ext4_magic_at = 0x438;
  constexpr std::uint16_t ext4_magic = 0xef53;
  constexpr std::size_t mbr_magic_at = 510;
  constexpr std::uint16_t mbr_magic = 0xaa55;
  if (number_at(bytes, ext4_magic_at) == ext4_magic) return {};
  if (number_at(bytes, mbr_magic_at) == mbr_magic) {
    return unusable(
        disk,
        "has a partition table, and the guest mounts the whole disk: extract the root partition, for "
        "example with `qemu-img convert -O raw` and `dd skip=START count=SECTORS` (`fdisk -l` lists both)");
  }
  return unusable(disk, "has no ext4 file system");
}

Result<Root> prepare_disk(const RootRequest& request) {
  const fs::path& disk = request.disk;
  if (!fs::exists(disk)) return unusable(disk, "does not exist");
  if (!fs::is_regular_file(disk)) return unusable(disk, "is not a file");
  TRY_ASSIGN(const std::uint64_t size, fs::file_size(disk));
  if (size == 0) return unusable(disk, "is empty");
  if (!find_program("qemu-img")) return infra_error("images need qemu-img: install the package qemu-utils");
  TRY_ASSIGN(const std::string format, format_of(disk));
  TRY(fs::create_directories(request.cache));
  TRY_ASSIGN(const std::string bytes, first_bytes(request, format));
  TRY(check_content(disk, bytes));
  TRY_ASSIGN(const fs::path whole, fs::absolute(disk));
  Root root{ImageKind::disk, whole.lexically_normal(), format, "", {}, true, {}};
  TRY_ASSIGN(root.digest, sha256_file(whole));
  return root;
}

// The host's files are not fixed. What is known of them is which packages it has.
Result<Root> prepare_host() {
  Digest digest;
  for (const char* file : {"/etc/os-release", "/var/lib/dpkg/status"})
    digest.add(file, read_file(file).value_or(""));
  return Root{ImageKind::host, {}, "", digest.hex(), {}, true, {}};
}

}  // namespace

Result<Root> prepare_root(const RootRequest& request) {
  switch (request.kind) {
    case ImageKind::debian:
      if (!find_program("qemu-img"))
        return infra_error("images need qemu-img: install the package qemu-utils");
      return prepare_debian(request);
    case ImageKind::disk:
      return prepare_disk(request);
    case ImageKind::host:
      return prepare_host();
    case ImageKind::initramfs:
      break;
  }
  return Root();
}

Result<void> make_overlay(const fs::path& base, const std::string& format, const fs::path& overlay) {
  auto made = run_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", format, "-b",
                                    base.string(), overlay.string()},
                           .deadline = deadline_of::question});
  return made ? Result<void>() : std::move(made).error().within("making an overlay of " + base.string());
}

}  // namespace hangar::image
