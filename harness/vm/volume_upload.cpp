// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/volume_upload.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/fd.h"
#include "harness/vm/libvirt_error.h"

namespace hangar::vm {
namespace {

constexpr size_t most_at_once = 256 << 10;  // libvirt sends less than 4 MiB in one message

Result<void> send_bytes(virStream* stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = virStreamSend(stream, bytes.data(), bytes.size());
    if (sent < 0) return libvirt_error("sending a file");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

Result<void> send_data(virStream* stream, int fd, off_t begin, off_t end) {
  std::string buffer(most_at_once, '\0');
  while (begin < end) {
    if (Cancel::requested()) return interrupted_error();
    const auto wanted = std::min<off_t>(end - begin, static_cast<off_t>(buffer.size()));
    const ssize_t got = ::pread(fd, buffer.data(), static_cast<size_t>(wanted), begin);
    if (got < 0) return errno_error("reading a file");
    if (got == 0) return infra_error("a file became shorter while it was sent");
    TRY(send_bytes(stream, std::string_view(buffer).substr(0, static_cast<size_t>(got))));
    begin += got;
  }
  return {};
}

// A file system without holes reports one extent.
Result<void> send_extents(virStream* stream, int fd, off_t size) {
  for (off_t at = 0; at < size;) {
    off_t data = ::lseek(fd, at, SEEK_DATA);
    if (data < 0) data = size;  // ENXIO: a hole up to the end
    if (data > at && virStreamSendHole(stream, data - at, 0) < 0) return libvirt_error("sending a file");
    if (data >= size) break;
    const off_t hole = ::lseek(fd, data, SEEK_HOLE);
    at = hole < 0 ? size : hole;
    TRY(send_data(stream, fd, data, at));
  }
  return {};
}

}  // namespace

Result<void> upload_volume(virConnect* connection, virStorageVol* volume, const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot open " + file.string());
  TRY_ASSIGN(const std::uint64_t size, fs::file_size(file));
  const StreamHandle stream(virStreamNew(connection, 0));
  if (!stream || virStorageVolUpload(volume, stream.get(), 0, size, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM) < 0)
    return libvirt_error(file.string());
  auto sent = send_extents(stream.get(), fd.get(), static_cast<off_t>(size));
  if (!sent) {
    virStreamAbort(stream.get());
    return std::move(sent).error().within(file.string());
  }
  if (virStreamFinish(stream.get()) < 0) return libvirt_error(file.string());
  return {};
}

}  // namespace hangar::vm
