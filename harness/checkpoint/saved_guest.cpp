// SPDX-License-Identifier: GPL-2.0-only
#include "harness/checkpoint/saved_guest.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/json.h"

namespace hangar::checkpoint {
namespace {

// A sparse disk is mostly holes.
Result<std::string> digest_data_of(const Fd& file, const fs::path& name) {
  Digest digest;
  std::string buffer(256 << 10, '\0');
  off_t at = ::lseek(file.get(), 0, SEEK_DATA);
  while (at >= 0) {
    const off_t end = ::lseek(file.get(), at, SEEK_HOLE);
    while (at < end) {
      const auto wanted = std::min<std::uint64_t>(buffer.size(), static_cast<std::uint64_t>(end - at));
      const ssize_t got = ::pread(file.get(), buffer.data(), wanted, at);
      if (got <= 0) return errno_error("cannot read " + name.string());
      digest.add(std::to_string(at), std::string_view(buffer).substr(0, static_cast<size_t>(got)));
      at += got;
    }
    at = ::lseek(file.get(), end, SEEK_DATA);
  }
  digest.add("size", std::to_string(::lseek(file.get(), 0, SEEK_END)));
  return digest.hex();
}

// Part of the key: a guest that was saved with other devices does not restore. 2: with vmcoreinfo.
constexpr const char* format = "hangar.saved-guest/2";
constexpr const char* description = "saved.json";

Result<void> verify_file(const fs::path& file, const std::string& expected) {
  TRY_ASSIGN(const std::string digest, digest_data(file));
  if (digest != expected) return infra_error(fmt::format("{} is damaged", file.string()));
  return {};
}

}  // namespace

Result<std::string> digest_data(const fs::path& name) {
  const Fd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error("cannot read " + name.string());
  return digest_data_of(file, name);
}

std::string saved_guest_key(const run::Bundle& bundle, const std::string& host) {
  Digest digest;
  digest.add("format", format).add("host", host).add("kernel", bundle.kernel_key);
  // A kernel that was given by path may have changed under its name.
  digest.add("kernel path", bundle.placement.kernel_path).add("cmdline", bundle.cmdline);
  digest.add("initrd", bundle.initrd_digest)
      .add("disk", bundle.disk_digest)
      .add("accel", to_string(bundle.accel));
  digest.add("machine", fmt::format("{} {}", bundle.cpus, bundle.memory_bytes));
  if (bundle.image != ImageKind::initramfs)
    digest.add("image", bundle.image_digest).add("root", bundle.placement.root);
  if (bundle.disk_iops > 0) digest.add("disk iops", std::to_string(bundle.disk_iops));
  if (bundle.guest_number > 0) digest.add("number", std::to_string(bundle.guest_number));
  return digest.hex().substr(0, 24);
}

Result<void> write_saved_guest(const SavedGuest& guest) {
  const nlohmann::ordered_json out = {{"schema", format},
                                      {"name", guest.name},
                                      {"uuid", guest.uuid},
                                      {"hello", guest.hello},
                                      {"memory_digest", guest.memory_digest},
                                      {"disk_digest", guest.disk_digest},
                                      {"root_digest", or_null(guest.root_digest)}};
  return write_file(guest.folder / description, json_text(out, 1) + "\n");
}

Result<SavedGuest> read_saved_guest(const fs::path& folder) {
  TRY_ASSIGN(const std::string text, read_file(folder / description));
  const Error foreign =
      infra_error(fmt::format("{} is not a saved guest of this version of Hangar", folder.string()));
  const auto record = parse_object(text);
  SavedGuest guest;
  guest.folder = folder;
  JsonReader in(record);
  in.take("name", guest.name).take("uuid", guest.uuid).take("hello", guest.hello);
  in.take("memory_digest", guest.memory_digest).take("disk_digest", guest.disk_digest);
  in.take_if("root_digest", guest.root_digest);
  if (in.fault() || field<std::string>(record, "schema") != format) return foreign;
  return guest;
}

Result<void> verify(const SavedGuest& guest) {
  TRY(verify_file(guest.memory(), guest.memory_digest));
  TRY(verify_file(guest.disk(), guest.disk_digest));
  return guest.root_digest.empty() ? Result<void>() : verify_file(guest.root(), guest.root_digest);
}

}  // namespace hangar::checkpoint
