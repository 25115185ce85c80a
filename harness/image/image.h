// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/folder_lock.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/image/compiler.h"

// What a guest boots with besides its kernel: an initramfs that holds init, pulse and probe, and a disk that
// holds the reproducers, so that their text pages can be evicted. Both are made from the sources in the
// checkout, byte for byte the same for the same sources and compiler, and kept in the cache.
namespace hangar::image {

struct ImageRequest {
  fs::path source_tree;                        // has images/guest/ and reproducers/
  fs::path cache;                              // Home::cache
  std::optional<fs::path> extra_program = {};  // `--exec`: a static x86-64 program, or a .c file
  std::vector<fs::path> step_programs = {};    // of a sequence, beside the scenario: the same
  std::vector<Program> files = {};             // put beside the programs as they are
  bool has_root = false;                       // the programs run in a root with a shell and libraries
  // Kernel modules (.ko) that init loads before it looks for the disk, in this order; for kernels that were
  // built elsewhere with virtio as modules.
  std::vector<fs::path> modules = {};
  std::string disk_fs = "ext4";  // or xfs
  // The file is sparse: some 5 MiB are really used. 0: what the file system usually gets.
  std::uint64_t disk_bytes = 0;
};

struct Images {
  fs::path initrd;            // read-only and shared by all runs
  fs::path disk;              // the pristine copy: a run gets its own by copy_sparse()
  std::string initrd_digest;  // SHA-256 of the files
  std::string disk_digest;
  std::vector<std::string> programs;  // the contents of the guest's /repro/bin, sorted
  std::string extra_program;          // the guest's path of ImageRequest::extra_program, or ""
  bool cached = false;                // nothing had to be built
  // While any copy of this lives, the files are not pruned.
  std::shared_ptr<const FolderLock> in_use = {};
};

// Builds what is not in the cache yet. A program that does not compile, or an extra program that cannot run
// in the guest, is the user's error, with the compiler's words. Two processes at once: one builds, one waits.
[[nodiscard]] Result<Images> build_images(const ImageRequest& asked);

// Reads both files and compares them with the digests noted when they were built.
[[nodiscard]] Result<void> verify_images(const Images& images);
// The same for an entry of the cache, <cache>/images/<key>.
[[nodiscard]] Result<void> verify_folder(const fs::path& folder);

}  // namespace hangar::image
