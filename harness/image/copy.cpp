// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/copy.h"

#include <cerrno>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"

namespace hangar::image {
namespace {

// copy_file_range does not cross file systems before 5.3, and some refuse it.
bool copy_by_hand(int from, int to, off_t begin, off_t end) {
  std::string buffer(256 << 10, '\0');
  while (begin < end) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), static_cast<std::uint64_t>(end - begin));
    const ssize_t got = ::pread(from, buffer.data(), wanted, begin);
    if (got <= 0) return got == 0;
    if (::pwrite(to, buffer.data(), static_cast<size_t>(got), begin) != got) return false;
    begin += got;
  }
  return true;
}

bool copy_range(int from, int to, off_t begin, off_t end) {
  loff_t in = begin;
  loff_t out = begin;
  while (in < end) {
    const ssize_t copied = ::copy_file_range(from, &in, to, &out, static_cast<size_t>(end - in), 0);
    if (copied == 0) return true;  // the source shrank meanwhile
    if (copied > 0) continue;
    const bool refused = errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    return refused && copy_by_hand(from, to, in, end);
  }
  return true;
}

bool copy_data(int from, int to, off_t size) {
  if (::ftruncate(to, size) != 0) return false;
  off_t end = 0;
  while (end < size) {
    const off_t begin = ::lseek(from, end, SEEK_DATA);
    if (begin < 0) return errno == ENXIO;  // nothing but a hole to the end
    end = ::lseek(from, begin, SEEK_HOLE);
    if (end < 0 || !copy_range(from, to, begin, end)) return false;
  }
  return true;
}

}  // namespace

Result<void> copy_sparse(const fs::path& from, const fs::path& to) {
  const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return errno_error("cannot read " + from.string());
  struct stat info = {};
  if (::fstat(in.get(), &info) != 0) return errno_error("cannot read " + from.string());
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return errno_error("cannot make " + to.string());
  if (::ioctl(out.get(), FICLONE, in.get()) == 0) return {};
  if (copy_data(in.get(), out.get(), info.st_size)) return {};
  Error failure = errno_error("cannot copy " + from.string() + " to " + to.string());
  ::unlink(to.c_str());
  return failure;
}

}  // namespace hangar::image
