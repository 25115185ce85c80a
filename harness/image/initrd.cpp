// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/initrd.h"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "harness/base/files.h"

namespace hangar::image {
namespace {

struct Closer {
  void operator()(archive* handle) const { archive_write_free(handle); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

class Writer {
 public:
  Result<void> open(const fs::path& path) {
    file_ = path;
    // newc pads to whole blocks; the default of 10240 bytes is a tape's.
    const bool good = archive_write_set_format_cpio_newc(archive_.get()) == ARCHIVE_OK &&
                      archive_write_set_bytes_per_block(archive_.get(), 512) == ARCHIVE_OK &&
                      archive_write_open_filename(archive_.get(), path.c_str()) == ARCHIVE_OK;
    return good ? Result<void>() : failure();
  }

  Result<void> folder(const std::string& path, unsigned mode = 0755) {
    return put(*entry(path, AE_IFDIR, mode), {});
  }

  Result<void> node(const std::string& path, unsigned major, unsigned minor) {
    const auto made = entry(path, AE_IFCHR, 0600);
    archive_entry_set_rdevmajor(made.get(), major);
    archive_entry_set_rdevminor(made.get(), minor);
    return put(*made, {});
  }

  Result<void> file(const std::string& path, std::string_view bytes, unsigned mode) {
    const auto made = entry(path, AE_IFREG, mode);
    archive_entry_set_size(made.get(), static_cast<la_int64_t>(bytes.size()));
    return put(*made, bytes);
  }

  Result<void> close() {
    return archive_write_close(archive_.get()) == ARCHIVE_OK ? Result<void>() : failure();
  }

 private:
  using Entry = std::unique_ptr<archive_entry, Closer>;

  Entry entry(const std::string& path, unsigned type, unsigned mode) {
    Entry made(archive_entry_new());
    archive_entry_set_pathname(made.get(), path.c_str());
    archive_entry_set_filetype(made.get(), type);
    archive_entry_set_perm(made.get(), static_cast<__LA_MODE_T>(mode));
    archive_entry_set_ino64(made.get(), ++inode_);
    archive_entry_set_nlink(made.get(), 1);
    archive_entry_set_size(made.get(), 0);  // newc wants to know, even of a folder
    archive_entry_set_mtime(made.get(), 0, 0);
    return made;
  }

  Result<void> put(archive_entry& made, std::string_view bytes) {
    if (archive_write_header(archive_.get(), &made) != ARCHIVE_OK) return failure();
    if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) !=
        static_cast<la_ssize_t>(bytes.size()))
      return failure();
    return {};
  }

  Error failure() {
    const char* words = archive_error_string(archive_.get());
    return infra_error(fmt::format("cannot write the initramfs {}: {}", file_.string(),
                                   words == nullptr ? "no reason given" : words));
  }

  std::unique_ptr<archive, Closer> archive_{archive_write_new()};
  fs::path file_;
  la_int64_t inode_ = 0;
};

Result<void> write_modules(Writer& writer, const std::vector<fs::path>& modules) {
  if (modules.empty()) return {};
  TRY(writer.folder("modules"));
  std::string order;
  for (const fs::path& module : modules) {
    const std::string path = "modules/" + module.filename().string();
    TRY_ASSIGN(const std::string bytes, read_file(module));
    TRY(writer.file(path, bytes, 0644));
    order += "/" + path + "\n";
  }
  return writer.file("modules/order", order, 0644);
}

}  // namespace

Result<void> write_initrd(const fs::path& file, const fs::path& init, const std::vector<fs::path>& modules) {
  TRY_ASSIGN(const std::string program, read_file(init));
  Writer writer;
  TRY(writer.open(file));
  for (const char* folder : {"dev", "proc", "repro", "run", "sys"}) TRY(writer.folder(folder));
  TRY(writer.folder("tmp", 01777));
  // The kernel opens /dev/console for init before anything can mount devtmpfs.
  TRY(writer.node("dev/console", 5, 1));
  TRY(writer.node("dev/null", 1, 3));
  TRY(writer.file("init", program, 0755));
  TRY(write_modules(writer, modules));
  return writer.close();
}

}  // namespace hangar::image
