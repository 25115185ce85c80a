// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/disk.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/image/ext4.h"

namespace hangar::image {
namespace {

constexpr const char* uuid = "68616e67-6172-4d6d-8f6f-6f6d73746f72";
// Each of these tools writes some hundred MiB at most.
constexpr std::chrono::minutes filling_deadline{10};

// The folder that mke2fs copies.
Result<void> stage(const fs::path& folder, const std::vector<Program>& programs) {
  TRY(fs::create_directories(folder / "bin"));
  for (const Program& program : programs) {
    const fs::path to = folder / "bin" / program.name;
    TRY(fs::copy_file(program.file, to));
    TRY(fs::set_permissions(to, fs::perms(0755)));
  }
  TRY(fs::set_permissions(folder, fs::perms(0755)));
  return fs::set_permissions(folder / "bin", fs::perms(0755));
}

Result<void> make_ext4(const fs::path& file, std::uint64_t bytes, const fs::path& staged) {
  Command command;
  command.argv = mke2fs_command({"repro", bytes, 4096, 4}, staged, file);
  command.environment = {{"E2FSPROGS_FAKE_TIME", fake_time}};
  command.deadline = filling_deadline;
  auto made = run_checked(command);
  if (!made) return std::move(made).error().within("making the disk with the reproducers");
  return {};
}

std::vector<std::string> paths_of(const std::vector<Program>& programs) {
  std::vector<std::string> paths = {"/", "/lost+found", "/bin"};
  for (const Program& program : programs) paths.push_back("/bin/" + program.name);
  return paths;
}

// The tree of a new XFS as mkfs.xfs takes it (mkfs.xfs(8), "protofile"): a line per file with type, mode,
// owner and what to copy; `$` closes a folder. Paths are relative to the staged folder's parent, since no
// word may have spaces.
std::string xfs_tree(const std::vector<Program>& programs) {
  std::string tree = "boot\n0 0\nd--755 0 0\nbin d--755 0 0\n";
  for (const Program& program : programs) tree += fmt::format("{0} ---755 0 0 root/bin/{0}\n", program.name);
  return tree + "$\n$\n";
}

// Features that 5.10 has, whatever this mkfs.xfs likes best.
constexpr const char* xfs_features = "crc=1,finobt=1,reflink=1,bigtime=0,inobtcount=0";

// The log alone is 64 MiB of zeros, which would be copied for each run. Where holes cannot be dug it is.
void dig_holes(const fs::path& file) {
  Command command;
  command.argv = {"fallocate", "--dig-holes", file.string()};
  command.deadline = filling_deadline;
  (void)run_process(command);
}

Result<void> make_xfs(const fs::path& file, std::uint64_t bytes, const std::vector<Program>& programs,
                      const fs::path& scratch) {
  TRY(write_file(scratch / "tree", xfs_tree(programs)));
  TRY_ASSIGN(const fs::path whole, fs::absolute(file));  // the command runs in `scratch`
  Command command;
  command.argv = {"mkfs.xfs",
                  "-q",
                  "-K",
                  "-L",
                  "repro",
                  "-m",
                  fmt::format("uuid={},{}", uuid, xfs_features),
                  "-i",
                  "sparse=1,nrext64=0",
                  "-p",
                  "tree",
                  "-d",
                  fmt::format("file,size={}", bytes),
                  whole.string()};
  command.directory = scratch;
  command.deadline = filling_deadline;
  auto made = run_checked(command);
  if (!made) return std::move(made).error().within("making the XFS disk with the reproducers");
  dig_holes(file);
  return {};
}

struct FileSystem {
  const char* name;
  std::uint64_t least_bytes;
  std::uint64_t usual_bytes;
};

constexpr std::array<FileSystem, 2> file_systems = {
    {{"ext4", 16ull << 20, 128ull << 20}, {"xfs", 300ull << 20, 320ull << 20}}};

const FileSystem* find_file_system(const std::string& name) {
  for (const FileSystem& known : file_systems) {
    if (name == known.name) return &known;
  }
  return nullptr;
}

}  // namespace

Result<void> check_disk(const std::string& file_system, std::uint64_t bytes) {
  const FileSystem* known = find_file_system(file_system);
  if (known == nullptr) {
    return user_error(fmt::format("cannot make a disk with `{}` (expected ext4 or xfs)", file_system));
  }
  if (bytes < known->least_bytes || bytes % 4096 != 0) {
    return user_error(
        fmt::format("cannot make a disk of {} bytes: with {} at least {} MiB, in whole pages of 4KiB", bytes,
                    known->name, known->least_bytes >> 20));
  }
  return {};
}

std::uint64_t usual_disk_bytes(const std::string& file_system) {
  const FileSystem* known = find_file_system(file_system);
  return known == nullptr ? file_systems[0].usual_bytes : known->usual_bytes;
}

Result<void> write_disk(const fs::path& file, const std::string& file_system, std::uint64_t bytes,
                        const std::vector<Program>& programs) {
  TRY_ASSIGN(const TempDir scratch, TempDir::make(file.parent_path(), ".disk-"));
  const fs::path staged = scratch.path() / "root";
  TRY(stage(staged, programs));
  if (file_system == "xfs") return make_xfs(file, bytes, programs, scratch.path());
  TRY(make_ext4(file, bytes, staged));
  return set_inodes(file, paths_of(programs), Inodes::programs, scratch.path());
}

}  // namespace hangar::image
