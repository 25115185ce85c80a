// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/binary.h"

#include <cstring>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/kernel/build/elf.h"
#include "harness/kernel/build/signature.h"

namespace hangar::kernel {
namespace {

std::string_view slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size()) return {};
  return bytes.substr(offset, size);
}

// The first word of `text` if it looks like a release: "6.1.192", "6.12.0-rc1+".
std::optional<std::string> release_word(std::string_view text) {
  const size_t end = text.find_first_of(std::string_view(" \n\0", 3));
  const std::string_view word = text.substr(0, end == std::string_view::npos ? 64 : end);
  const bool plain =
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_~") ==
      std::string_view::npos;
  if (word.empty() || word.size() > 64 || word[0] < '0' || word[0] > '9' || !plain) return std::nullopt;
  return std::string(word);
}

// The boot protocol (Documentation/x86/boot.rst): "HdrS" at 0x202, and at 0x20e a pointer, less 0x200, to the
// version string.
std::optional<std::string> bzimage_release(std::string_view bytes) {
  constexpr size_t pointer_at = 0x20e;
  std::uint16_t pointer = 0;
  if (bytes.size() < pointer_at + sizeof pointer) return std::nullopt;
  std::memcpy(&pointer, bytes.data() + pointer_at, sizeof pointer);
  if (pointer == 0) return std::nullopt;
  return release_word(slice(bytes, pointer + 0x200u, 128));
}

std::optional<std::string> vmlinux_release(std::string_view bytes) {
  constexpr std::string_view banner = "Linux version ";
  for (size_t at = bytes.find(banner); at != std::string_view::npos; at = bytes.find(banner, at + 1)) {
    if (auto release = release_word(bytes.substr(at + banner.size()))) return release;
  }
  return std::nullopt;
}

}  // namespace

Result<BinaryInfo> inspect_binary_bytes(std::string_view bytes, const std::string& name) {
  if (slice(bytes, 0x202, 4) == "HdrS")
    return BinaryInfo{BinaryInfo::Form::bzimage, bzimage_release(bytes), {}};
  if (const auto header = elf_header(bytes)) {
    if (header->e_machine != EM_X86_64)
      return user_error(fmt::format("{} is an ELF file for another machine, not an x86-64 vmlinux", name));
    if (header->e_type == ET_REL)
      return user_error(fmt::format("{} is an object file or a module, not a linked vmlinux", name));
    return BinaryInfo{BinaryInfo::Form::vmlinux, vmlinux_release(bytes), kernel_signature(bytes)};
  }
  return user_error(fmt::format("{} is neither a bzImage nor an uncompressed 64-bit vmlinux", name));
}

Result<BinaryInfo> inspect_binary(const fs::path& path) {
  TRY_ASSIGN(const std::string bytes, read_file(path, max_binary_bytes));
  return inspect_binary_bytes(bytes, path.string());
}

}  // namespace hangar::kernel
