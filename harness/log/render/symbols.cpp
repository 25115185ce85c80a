// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/render/symbols.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <unordered_map>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>

#include "harness/base/fd.h"

namespace hangar::log {
namespace {

struct Place {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};
struct DwarfEnd {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

// Paths as the kernel's tree has them: what stands in front of the tree says nothing.
std::string short_path(std::string_view path) {
  for (const std::string_view top :
       {"/mm/", "/fs/", "/kernel/", "/drivers/", "/net/", "/lib/", "/arch/", "/block/", "/security/",
        "/include/", "/init/", "/ipc/", "/crypto/", "/sound/", "/io_uring/", "/virt/"}) {
    const auto at = path.rfind(top);
    if (at == std::string_view::npos) continue;
    // The outermost of nested names: drivers/net/ is drivers.
    const auto first = path.find(top);
    return std::string(path.substr((first < at ? first : at) + 1));
  }
  return std::string(path);
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

}  // namespace

struct Symbols::State {
  std::string path;
  Fd fd;
  std::unique_ptr<Elf, ElfEnd> elf;
  std::unique_ptr<Dwarf, DwarfEnd> dwarf;
  std::unordered_multimap<std::string, Place> places;
  std::unordered_map<std::string, std::vector<Frame>> known;
  std::string release;
  std::string build_id;

  void read_symbols();
  void read_banner();
  [[nodiscard]] const Place* find(const Frame& frame) const;
  [[nodiscard]] bool unit_of(std::uint64_t address, Dwarf_Die& unit) const;
  [[nodiscard]] std::vector<Frame> at(const Frame& frame, std::uint64_t address) const;
};

void Symbols::State::read_symbols() {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf.get(), section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0)
      continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
    for (int i = 0; data != nullptr && i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, i, &symbol) == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
      const char* name = elf_strptr(elf.get(), header.sh_link, symbol.st_name);
      if (name != nullptr) places.emplace(name, Place{symbol.st_value, symbol.st_size});
    }
  }
}

// "Linux version 6.1.0 (...", as linux_banner in .rodata.
void Symbols::State::read_banner() {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf.get(), section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_PROGBITS) continue;
    Elf_Data* data = elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) continue;
    const std::string_view bytes(static_cast<const char*>(data->d_buf), data->d_size);
    const auto at = bytes.find("Linux version ");
    if (at == std::string_view::npos || at + 15 >= bytes.size()) continue;
    const auto rest = bytes.substr(at + 14, 128);
    release = rest.substr(0, rest.find(' '));
    if (!release.empty() && release.front() >= '0' && release.front() <= '9') return;
    release.clear();
  }
}

const Place* Symbols::State::find(const Frame& frame) const {
  const auto range = places.equal_range(frame.function);
  const Place* only = nullptr;
  int fitting = 0;
  for (auto one = range.first; one != range.second; ++one) {
    // The kernel prints the distance to the next symbol as the size, which may exceed the symbol's own.
    if (frame.size && one->second.size > *frame.size) continue;
    if (frame.offset && *frame.offset > frame.size.value_or(UINT64_MAX)) continue;
    only = &one->second;
    ++fitting;
  }
  return fitting == 1 ? only : nullptr;  // two static functions of one name and size: a guess is no answer
}

bool Symbols::State::unit_of(std::uint64_t address, Dwarf_Die& unit) const {
  if (dwarf_addrdie(dwarf.get(), address, &unit) != nullptr) return true;
  Dwarf_Off offset = 0;
  Dwarf_Off next = 0;
  std::size_t header = 0;
  while (dwarf_nextcu(dwarf.get(), offset, &next, &header, nullptr, nullptr, nullptr) ==
         0) {  // without .debug_aranges
    if (dwarf_offdie(dwarf.get(), offset + header, &unit) != nullptr && dwarf_haspc(&unit, address) > 0)
      return true;
    offset = next;
  }
  return false;
}

std::vector<Frame> Symbols::State::at(const Frame& frame, std::uint64_t address) const {
  Frame outer = frame;
  Dwarf_Die unit;
  if (!unit_of(address, unit)) return {outer};
  std::string place;
  if (Dwarf_Line* line = dwarf_getsrc_die(&unit, address); line != nullptr) {
    int number = 0;
    const char* file = dwarf_linesrc(line, nullptr, nullptr);
    if (file != nullptr && dwarf_lineno(line, &number) == 0)
      place = short_path(file) + ":" + std::to_string(number);
  }
  std::vector<Frame> out;
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes(&unit, address, &scopes);
  for (int i = 0; i < count; ++i) {
    if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine) continue;
    Frame inner;
    const char* name = dwarf_diename(&scopes[i]);
    inner.function = name == nullptr ? "?" : name;
    inner.source = place;
    inner.inlined = true;
    inner.reliable = frame.reliable;
    inner.section = frame.section;
    out.push_back(std::move(inner));
    // Where it was inlined is the place of the next function outwards.
    Dwarf_Attribute attribute;
    Dwarf_Word file_number = 0;
    Dwarf_Word line_number = 0;
    Dwarf_Files* files = nullptr;
    place.clear();
    if (dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_file, &attribute), &file_number) == 0 &&
        dwarf_formudata(dwarf_attr(&scopes[i], DW_AT_call_line, &attribute), &line_number) == 0 &&
        dwarf_getsrcfiles(&unit, &files, nullptr) == 0) {
      const char* file = dwarf_filesrc(files, file_number, nullptr, nullptr);
      if (file != nullptr) place = short_path(file) + ":" + std::to_string(line_number);
    }
  }
  std::free(scopes);
  outer.source = place;
  out.push_back(std::move(outer));
  return out;
}

Symbols::Symbols(std::unique_ptr<State> state) : state_(std::move(state)) {}
Symbols::Symbols(Symbols&&) noexcept = default;
Symbols& Symbols::operator=(Symbols&&) noexcept = default;
Symbols::~Symbols() = default;
const std::string& Symbols::release() const {
  return state_->release;
}
const std::string& Symbols::build_id() const {
  return state_->build_id;
}

Result<Symbols> Symbols::open(const std::string& vmlinux) {
  auto state = std::make_unique<State>();
  state->path = vmlinux;
  state->fd = Fd(::open(vmlinux.c_str(), O_RDONLY | O_CLOEXEC));
  if (!state->fd) {
    auto error = errno_error("opening " + vmlinux);
    error.fault = Fault::user;
    return error;
  }
  elf_version(EV_CURRENT);
  state->elf.reset(elf_begin(state->fd.get(), ELF_C_READ_MMAP, nullptr));
  if (!state->elf || elf_kind(state->elf.get()) != ELF_K_ELF) {
    return user_error(vmlinux +
                      " is no ELF file: name the vmlinux of the kernel's build folder, not its bzImage");
  }
  state->dwarf.reset(dwarf_begin_elf(state->elf.get(), DWARF_C_READ, nullptr));
  if (!state->dwarf) {
    return user_error(
        vmlinux +
        " has no debug information: build the kernel with CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT");
  }
  const void* id = nullptr;
  if (const auto size = dwelf_elf_gnu_build_id(state->elf.get(), &id); size > 0)
    state->build_id = hex(static_cast<const unsigned char*>(id), static_cast<std::size_t>(size));
  state->read_symbols();
  state->read_banner();
  return Symbols(std::move(state));
}

std::vector<Frame> Symbols::explain(const Frame& frame) {
  if (!frame.offset || !frame.module.empty() || !frame.source.empty()) return {frame};
  const Place* place = state_->find(frame);
  if (place == nullptr) return {frame};
  // A return address lies behind its call, which may be the last instruction of a line.
  const auto address = place->address + *frame.offset - (*frame.offset > 0 ? 1 : 0);
  const auto key = frame.function + "+" + std::to_string(*frame.offset);
  auto known = state_->known.find(key);
  if (known == state_->known.end()) known = state_->known.emplace(key, state_->at(frame, address)).first;
  auto out = known->second;
  for (auto& one : out) {
    one.reliable = frame.reliable;
    one.section = frame.section;
  }
  return out;
}

void Symbols::explain(TaskStack& stack) {
  std::vector<Frame> frames;
  for (const auto& frame : stack.frames) {
    for (auto& one : explain(frame)) frames.push_back(std::move(one));
  }
  stack.frames = std::move(frames);
}

}  // namespace hangar::log
