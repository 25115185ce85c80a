// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/kdump.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include <endian.h>

namespace hangar::vm {
namespace {

constexpr std::string_view flat_signature = "makedumpfile";
constexpr std::string_view kdump_signature = "KDUMP   ";
constexpr std::streamoff flat_header_bytes = 4096;
constexpr std::int64_t largest_record = 64 << 20;

// struct disk_dump_header and, in the next block, struct kdump_sub_header of a 64-bit kernel (version 6;
// makedumpfile's diskdump_mod.h, QEMU's include/sysemu/dump.h). Little-endian, as x86-64 writes them.
constexpr std::streamoff uts_at = 12;
constexpr std::streamoff uts_field_bytes = 65;  // __NEW_UTS_LEN + 1
constexpr std::streamoff block_size_at = 428;
constexpr std::streamoff vmcoreinfo_at = 32;  // in the sub header: offset, then size
constexpr std::uint64_t largest_vmcoreinfo = 1 << 20;
enum UtsField { sysname, nodename, release, version };

bool begins_with(std::istream& in, std::string_view signature) {
  std::string head(signature.size(), '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  return in && head == signature;
}

bool read_record_head(std::istream& in, std::int64_t& offset, std::int64_t& size) {
  std::array<std::uint64_t, 2> words{};
  in.read(reinterpret_cast<char*>(words.data()), sizeof(words));
  offset = static_cast<std::int64_t>(be64toh(words[0]));
  size = static_cast<std::int64_t>(be64toh(words[1]));
  return static_cast<bool>(in);
}

template <typename T>
T read_at(std::istream& in, std::streamoff at) {
  T value{};
  in.seekg(at);
  in.read(reinterpret_cast<char*>(&value), sizeof(value));
  return in ? value : T{};
}

std::string release_of(const std::string& vmcoreinfo) {
  constexpr std::string_view key = "OSRELEASE=";
  const size_t at = vmcoreinfo.find(key);
  if (at == std::string::npos) return "";
  const size_t begin = at + key.size();
  return vmcoreinfo.substr(begin, vmcoreinfo.find('\n', begin) - begin);
}

// Empty if the kernel gave QEMU no notes.
std::string release_in(std::istream& in) {
  const auto sub_header = static_cast<std::streamoff>(read_at<std::uint32_t>(in, block_size_at));
  const auto at = read_at<std::uint64_t>(in, sub_header + vmcoreinfo_at);
  const auto bytes = read_at<std::uint64_t>(in, sub_header + vmcoreinfo_at + 8);
  if (at == 0 || at > INT64_MAX - largest_vmcoreinfo || bytes > largest_vmcoreinfo) return "";
  std::string text(bytes, '\0');
  in.seekg(static_cast<std::streamoff>(at));
  return in.read(text.data(), static_cast<std::streamsize>(bytes)) ? release_of(text) : "";
}

void write_field(std::ostream& out, UtsField field, const std::string& text) {
  std::array<char, uts_field_bytes> bytes{};
  std::copy_n(text.begin(), std::min(text.size(), bytes.size() - 1), bytes.begin());
  out.seekp(uts_at + field * uts_field_bytes);
  out.write(bytes.data(), bytes.size());
}

}  // namespace

bool is_kdump(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return begins_with(in, kdump_signature);
}

Result<void> unflatten_dump(const fs::path& flattened, const fs::path& to) {
  std::ifstream in(flattened, std::ios::binary);
  if (!begins_with(in, flat_signature)) return infra_error(flattened.string() + " is not a flattened dump");
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  in.seekg(flat_header_bytes);
  std::string data;
  for (std::int64_t offset = 0, size = 0;;) {
    if (!read_record_head(in, offset, size)) return infra_error(flattened.string() + " ends in the middle");
    if (offset < 0) break;
    if (size < 0 || size > largest_record) return infra_error(flattened.string() + " has an invalid record");
    data.resize(static_cast<size_t>(size));
    if (!in.read(data.data(), size)) return infra_error(flattened.string() + " ends in the middle");
    out.seekp(offset);
    out.write(data.data(), size);
  }
  out.flush();
  if (!out) return errno_error("writing " + to.string());
  return {};
}

Result<void> name_kernel(const fs::path& kdump) {
  std::fstream file(kdump, std::ios::binary | std::ios::in | std::ios::out);
  if (!begins_with(file, kdump_signature)) return infra_error(kdump.string() + " is not a kdump file");
  if (read_at<char>(file, uts_at) != '\0') return {};
  const std::string found = release_in(file);
  file.clear();
  write_field(file, sysname, "Linux");
  write_field(file, nodename, "(none)");
  write_field(file, release, found.empty() ? "unknown" : found);
  write_field(file, version, "unknown");
  file.flush();
  if (!file) return errno_error("writing the header of " + kdump.string());
  return {};
}

}  // namespace hangar::vm
