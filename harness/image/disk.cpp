// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/disk.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::image {
namespace {

constexpr const char* uuid = "68616e67-6172-4d6d-8f6f-6f6d73746f72";
constexpr const char* features =
    "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,"
    "dir_nlink,extra_isize,metadata_csum";
// 2001-09-09: any fixed time does; 0 would make the e2fsprogs fall back to the clock.
constexpr const char* time_unix = "1000000000";
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
  // No lazy initialisation: the guest's kernel would otherwise write inode tables in the background.
  // Without a device to discard on, `nodiscard` keeps the file's holes.
  command.argv = {
      "mke2fs",
      "-q",
      "-F",
      "-t",
      "ext4",
      "-O",
      features,
      "-b",
      "4096",
      "-I",
      "256",
      "-N",
      "4096",
      "-m",
      "0",
      "-J",
      "size=4",
      "-L",
      "repro",
      "-U",
      uuid,
      "-E",
      fmt::format("hash_seed={},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,nodiscard", uuid),
      "-d",
      staged.string(),
      file.string(),
      fmt::format("{}k", bytes >> 10)};
  command.environment = {{"E2FSPROGS_FAKE_TIME", time_unix}};
  command.deadline = filling_deadline;
  auto made = run_checked(command);
  if (!made) return std::move(made).error().within("making the disk with the reproducers");
  return {};
}

std::string inode_script(const std::vector<Program>& programs) {
  std::vector<std::string> paths = {"/", "/lost+found", "/bin"};
  for (const Program& program : programs) paths.push_back("/bin/" + program.name);
  std::string script;
  for (const std::string& path : paths) {
    for (const char* field : {"atime", "ctime", "mtime", "crtime"}) {
      script += fmt::format("set_inode_field {} {} @{}\n", path, field, time_unix);
      script += fmt::format("set_inode_field {} {}_extra 0\n", path, field);
    }
    script += fmt::format("set_inode_field {} uid 0\nset_inode_field {} gid 0\n", path, path);
  }
  return script;
}

Result<void> set_inodes(const fs::path& file, const std::vector<Program>& programs, const fs::path& scratch) {
  const fs::path script = scratch / "inodes";
  TRY(write_file(script, inode_script(programs)));
  Command command;
  command.argv = {"debugfs", "-w", "-f", script.string(), file.string()};
  command.environment = {{"E2FSPROGS_FAKE_TIME", time_unix}};
  command.deadline = filling_deadline;
  // debugfs ends with 0 even when a command failed; besides its name it prints only complaints.
  std::string complaint;
  command.on_line = [&](std::string_view line) {
    if (line.rfind("debugfs", 0) != 0 && !trim(line).empty() && complaint.empty()) complaint = line;
  };
  TRY(run_checked(command));
  if (!complaint.empty()) {
    return infra_error(fmt::format("cannot set the times in {}: debugfs: {}", file.string(), complaint));
  }
  return {};
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
  return set_inodes(file, programs, scratch.path());
}

}  // namespace hangar::image
