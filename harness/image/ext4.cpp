// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/ext4.h"

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
constexpr std::chrono::minutes filling_deadline{10};

std::string script_for(const std::string& path, Inodes what) {
  std::string script;
  for (const char* field : {"atime", "ctime", "mtime", "crtime"}) {
    if (what == Inodes::programs || *field != 'm')
      script += fmt::format("set_inode_field \"{}\" {} @{}\n", path, field, fake_time);
    script += fmt::format("set_inode_field \"{}\" {}_extra 0\n", path, field);
  }
  if (what == Inodes::programs)
    script += fmt::format("set_inode_field \"{0}\" uid 0\nset_inode_field \"{0}\" gid 0\n", path);
  return script;
}

// debugfs takes a quote in a word as two of them.
std::string quoted(const std::string& path) {
  std::string out;
  for (const char c : path) out.append(c == '"' ? 2 : 1, c);
  return out;
}

}  // namespace

std::vector<std::string> mke2fs_command(const Ext4& disk, const fs::path& staged, const fs::path& file) {
  // No lazy initialisation: the guest's kernel would otherwise write inode tables in the background.
  // Without a device to discard on, `nodiscard` keeps the file's holes.
  return {"mke2fs",
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
          std::to_string(disk.inodes),
          "-m",
          "0",
          "-J",
          fmt::format("size={}", disk.journal_mib),
          "-L",
          disk.label,
          "-U",
          uuid,
          "-E",
          fmt::format("hash_seed={},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,nodiscard", uuid),
          "-d",
          staged.string(),
          file.string(),
          fmt::format("{}k", disk.bytes >> 10)};
}

Result<void> set_inodes(const fs::path& file, const std::vector<std::string>& paths, Inodes what,
                        const fs::path& scratch) {
  const fs::path script = scratch / "inodes";
  std::string text;
  for (const std::string& path : paths) text += script_for(quoted(path), what);
  TRY(write_file(script, text));
  Command command;
  command.argv = {"debugfs", "-w", "-f", script.string(), file.string()};
  command.environment = {{"E2FSPROGS_FAKE_TIME", fake_time}};
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

}  // namespace hangar::image
