// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/kdump.h"

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

}  // namespace

bool is_kdump(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return begins_with(in, kdump_signature);
}

Result<void> unflatten_dump(const fs::path& flattened, const fs::path& to) {
  std::ifstream in(flattened, std::ios::binary);
  if (!begins_with(in, flat_signature)) return infra_error(flattened.string() + " is no flattened dump");
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  in.seekg(flat_header_bytes);
  std::string data;
  for (std::int64_t offset = 0, size = 0;;) {
    if (!read_record_head(in, offset, size)) return infra_error(flattened.string() + " ends in the middle");
    if (offset < 0) break;
    if (size < 0 || size > largest_record)
      return infra_error(flattened.string() + " has a record of no sense");
    data.resize(static_cast<size_t>(size));
    if (!in.read(data.data(), size)) return infra_error(flattened.string() + " ends in the middle");
    out.seekp(offset);
    out.write(data.data(), size);
  }
  out.flush();
  if (!out) return errno_error("writing " + to.string());
  return {};
}

}  // namespace hangar::vm
