// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/signature.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/kernel/build/elf.h"

namespace hangar::kernel {
namespace {

// 1 was without a version in front, and covered build IDs in data and the lines of __bug_table.
constexpr std::string_view version = "2-";

std::uint32_t word_at(std::string_view bytes, size_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  return word;
}

// Overwrites the build IDs in `bytes` with zeros. vdso2c copies each vDSO into the kernel's data as a whole,
// so the notes are found by their fixed head: name size, description size, type, name.
void clear_build_ids(std::string& bytes) {
  constexpr std::string_view type_and_name("\x03\0\0\0GNU\0", 8);  // NT_GNU_BUILD_ID
  constexpr size_t sizes = 8;
  constexpr std::uint32_t max_id_size = 64;  // SHA-1 has 20 bytes, MD5 and UUIDs have 16
  for (size_t at = bytes.find(type_and_name, sizes); at != std::string::npos;
       at = bytes.find(type_and_name, at + 1)) {
    const std::uint32_t name_size = word_at(bytes, at - sizes);
    const std::uint32_t id_size = word_at(bytes, at - sizes + 4);
    const size_t id = at + type_and_name.size();
    if (name_size == 4 && id_size <= max_id_size && bytes.size() - id >= id_size)
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(id), id_size, '\0');
  }
}

// The loaded sections by address, for the pointers in __bug_table.
class Memory {
 public:
  explicit Memory(const std::vector<ElfSection>& sections) {
    for (const ElfSection& section : sections) {
      if ((section.flags & SHF_ALLOC) != 0) sections_.emplace(section.address, section);
    }
  }

  [[nodiscard]] bool is_code(std::uint64_t address) const {
    const ElfSection* section = section_of(address);
    return section != nullptr && (section->flags & SHF_EXECINSTR) != 0;
  }

  // The text from `address` to the next zero byte; "" when there is none.
  [[nodiscard]] std::string_view text(std::uint64_t address) const {
    constexpr size_t max_text = 4096;
    const ElfSection* section = section_of(address);
    if (section == nullptr || address - section->address >= section->contents.size()) return {};
    const std::string_view rest = section->contents.substr(address - section->address, max_text);
    const size_t end = rest.find('\0');
    return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
  }

 private:
  [[nodiscard]] const ElfSection* section_of(std::uint64_t address) const {
    auto after = sections_.upper_bound(address);
    if (after == sections_.begin()) return nullptr;
    const ElfSection& section = std::prev(after)->second;
    return address - section.address < section.size ? &section : nullptr;
  }

  std::map<std::uint64_t, ElfSection> sections_;
};

// What __FILE__ can be: printable, with an extension such as .c, .h, .S or .rs.
bool is_file_name(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  constexpr size_t max_extension = 8;
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == text.size() || text.size() - dot - 1 > max_extension)
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(), alphanumeric);
}

// struct bug_entry of x86-64 with DEBUG_BUGVERBOSE, in 32-bit words:
//   relative address of the code, [relative address of a format, since v6.19,] relative address of the file's
//   name, and the line below the flags.
// Without DEBUG_BUGVERBOSE there are neither files nor lines. All entries must fit: nothing else than the
// table's contents shows which layout it has.
bool has_entries_of(const ElfSection& table, size_t entry_size, const Memory& memory) {
  if (table.contents.empty() || table.contents.size() % entry_size != 0) return false;
  const auto target = [&](size_t offset) {
    const auto relative = static_cast<std::int32_t>(word_at(table.contents, offset));
    return table.address + offset + static_cast<std::uint64_t>(std::int64_t{relative});
  };
  for (size_t entry = 0; entry < table.contents.size(); entry += entry_size) {
    if (!memory.is_code(target(entry)) || !is_file_name(memory.text(target(entry + entry_size - 8))))
      return false;
  }
  return true;
}

void clear_bug_lines(const ElfSection& table, const Memory& memory, std::string& bytes) {
  for (const size_t entry_size : {size_t{12}, size_t{16}}) {
    if (!has_entries_of(table, entry_size, memory)) continue;
    for (size_t line = entry_size - 4; line < bytes.size(); line += entry_size)
      bytes.replace(line, 2, 2, '\0');
    return;
  }
}

}  // namespace

std::string kernel_signature(std::string_view elf) {
  const auto sections = elf_sections(elf);
  if (!sections) return "";
  const Memory memory(*sections);
  Digest digest;
  for (const ElfSection& section : *sections) {
    if ((section.flags & SHF_ALLOC) == 0 || section.type == SHT_NOTE) continue;
    std::string contents(section.contents);
    clear_build_ids(contents);
    if (section.name == "__bug_table") clear_bug_lines(section, memory, contents);
    digest.add(fmt::format("{} {:x} {}", section.name, section.address, section.size), contents);
  }
  return std::string(version) + digest.hex();
}

bool is_current_signature(std::string_view signature) {
  return signature.starts_with(version);
}

}  // namespace hangar::kernel
