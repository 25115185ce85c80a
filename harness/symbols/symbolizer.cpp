// SPDX-License-Identifier: GPL-2.0-only
#include "harness/symbols/symbolizer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unordered_map>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <unistd.h>

#include "harness/base/fd.h"

namespace hangar::symbols {
namespace {

struct DwflEnd {
  void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
};

// Everything is in the one file: no search for separate debug information on this host or by debuginfod.
int no_debug_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*, GElf_Word,
                  char**) {
  return -1;
}

const Dwfl_Callbacks callbacks = {nullptr, no_debug_file, dwfl_offline_section_address, nullptr};

// libdwfl would unpack a compressed kernel, which has no symbols anyway.
Result<Fd> open_elf(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    auto error = errno_error("opening " + file.string());
    error.fault = Fault::user;
    return error;
  }
  std::array<char, SELFMAG> magic{};
  if (::pread(fd.get(), magic.data(), magic.size(), 0) != SELFMAG ||
      std::string_view(magic.data(), magic.size()) != ELFMAG) {
    return user_error(file.string() +
                      " is not an ELF file: name the vmlinux of the kernel's build folder, not its bzImage");
  }
  const auto size = ::lseek(fd.get(), 0, SEEK_END);
  if (size < 0 || static_cast<std::uint64_t>(size) > Symbolizer::max_file_bytes) {
    return user_error(
        fmt::format("{} is larger than {} GiB", file.string(), Symbolizer::max_file_bytes >> 30));
  }
  return fd;
}

// Removes what is in front of the kernel's tree.
std::string short_path(std::string_view path) {
  for (const std::string_view top :
       {"/mm/", "/fs/", "/kernel/", "/drivers/", "/net/", "/lib/", "/arch/", "/block/", "/security/",
        "/include/", "/init/", "/ipc/", "/crypto/", "/sound/", "/io_uring/", "/virt/"}) {
    // The outermost of nested names: drivers/net/ is drivers.
    if (const auto at = path.find(top); at != std::string_view::npos) return std::string(path.substr(at + 1));
  }
  return std::string(path);
}

std::string hex(const unsigned char* bytes, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

bool holds(const GElf_Shdr& header, std::uint64_t address) {
  const bool loaded = (header.sh_flags & SHF_ALLOC) != 0 && header.sh_type != SHT_NOBITS;
  return loaded && address >= header.sh_addr && address - header.sh_addr < header.sh_size;
}

// The debug information of the unit that has an address.
bool find_unit(Dwfl_Module* module, std::uint64_t address, Dwarf_Die& unit) {
  Dwarf_Addr bias = 0;
  if (Dwarf_Die* found = dwfl_module_addrdie(module, address, &bias); found != nullptr) {
    unit = *found;
    return true;
  }
  for (Dwarf_Die* each = dwfl_module_nextcu(module, nullptr, &bias); each != nullptr;
       each = dwfl_module_nextcu(module, each, &bias)) {
    if (dwarf_haspc(each, address - bias) <= 0) continue;
    unit = *each;
    return true;
  }
  return false;
}

std::string line_at(Dwarf_Die& unit, std::uint64_t address) {
  Dwarf_Line* line = dwarf_getsrc_die(&unit, address);
  const char* file = line == nullptr ? nullptr : dwarf_linesrc(line, nullptr, nullptr);
  int number = 0;
  if (file == nullptr || dwarf_lineno(line, &number) != 0) return "";
  return fmt::format("{}:{}", short_path(file), number);
}

// Where a function was inlined: that is the place of the next function outwards.
std::string call_site(Dwarf_Die& unit, Dwarf_Die& inlined) {
  Dwarf_Attribute attribute;
  Dwarf_Word file_number = 0;
  Dwarf_Word line_number = 0;
  Dwarf_Files* files = nullptr;
  if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_file, &attribute), &file_number) != 0 ||
      dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_line, &attribute), &line_number) != 0 ||
      dwarf_getsrcfiles(&unit, &files, nullptr) != 0)
    return "";
  const char* file = dwarf_filesrc(files, file_number, nullptr, nullptr);
  return file == nullptr ? "" : fmt::format("{}:{}", short_path(file), line_number);
}

}  // namespace

struct Symbolizer::State {
  fs::path path;
  std::unique_ptr<Dwfl, DwflEnd> dwfl;
  Dwfl_Module* module = nullptr;
  Elf* elf = nullptr;
  int symbol_count = 0;
  std::string release;
  std::string build_id;
  bool has_lines = false;
  std::unordered_multimap<std::string_view, Symbol> functions;  // filled with has_lines

  template <typename See>
  void each_symbol(See&& see) const;
  [[nodiscard]] std::string_view from(std::uint64_t address, GElf_Xword flags) const;
  [[nodiscard]] const Symbol* find(const CodeOffset& code) const;
  void read_identity(const Symbolizer& symbolizer);
};

// Calls see(name, type, symbol) for each that has a name.
template <typename See>
void Symbolizer::State::each_symbol(See&& see) const {
  for (int i = 0; i < symbol_count; ++i) {
    GElf_Sym symbol;
    GElf_Addr address = 0;
    const char* name = dwfl_module_getsym_info(module, i, &symbol, &address, nullptr, nullptr, nullptr);
    if (name != nullptr) see(name, GELF_ST_TYPE(symbol.st_info), Symbol{address, symbol.st_size});
  }
}

// From an address to the end of its section, which has all of `flags`.
std::string_view Symbolizer::State::from(std::uint64_t address, GElf_Xword flags) const {
  size_t size = 0;
  const char* file = elf_rawfile(elf, &size);
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); file != nullptr && section != nullptr;
       section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || !holds(header, address)) continue;
    if ((header.sh_flags & flags) != flags) return {};
    if (header.sh_offset > size || header.sh_size > size - header.sh_offset) return {};
    return std::string_view(file + header.sh_offset, header.sh_size).substr(address - header.sh_addr);
  }
  return {};
}

const Symbol* Symbolizer::State::find(const CodeOffset& code) const {
  if (code.offset > code.size.value_or(UINT64_MAX)) return nullptr;
  const auto range = functions.equal_range(code.function);
  const Symbol* only = nullptr;
  for (auto one = range.first; one != range.second; ++one) {
    // The kernel prints the distance to the next symbol as the size, which may exceed the symbol's own.
    if (code.size && one->second.size > *code.size) continue;
    if (only != nullptr) return nullptr;  // two static functions of one name: a guess is not an answer
    only = &one->second;
  }
  return only;
}

// "Linux version 6.1.0 (...".
void Symbolizer::State::read_identity(const Symbolizer& symbolizer) {
  const auto banner = symbolizer.find({"linux_banner"});
  const std::string text = banner.empty() ? "" : symbolizer.text(banner.begin()->second.address);
  constexpr std::string_view begin = "Linux version ";
  if (text.starts_with(begin))
    release = text.substr(begin.size(), text.find(' ', begin.size()) - begin.size());
  const unsigned char* id = nullptr;
  GElf_Addr address = 0;
  const int size = dwfl_module_build_id(module, &id, &address);
  build_id = hex(id, size);
}

Symbolizer::Symbolizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Symbolizer::Symbolizer(Symbolizer&&) noexcept = default;
Symbolizer& Symbolizer::operator=(Symbolizer&&) noexcept = default;
Symbolizer::~Symbolizer() = default;

const std::string& Symbolizer::release() const {
  return state_->release;
}
const std::string& Symbolizer::build_id() const {
  return state_->build_id;
}

Result<Symbolizer> Symbolizer::open(const fs::path& vmlinux) {
  TRY_ASSIGN(Fd fd, open_elf(vmlinux));
  auto state = std::make_unique<State>();
  state->path = vmlinux;
  state->dwfl.reset(dwfl_begin(&callbacks));
  if (!state->dwfl) return infra_error(fmt::format("libdwfl did not start: {}", dwfl_errmsg(-1)));
  // The module owns the descriptor from here on, and leaves it alone if it cannot be read.
  state->module = dwfl_report_elf(state->dwfl.get(), "vmlinux", vmlinux.c_str(), fd.get(), 0, true);
  if (state->module == nullptr)
    return user_error(fmt::format("{} is not a readable ELF file: {}", vmlinux.string(), dwfl_errmsg(-1)));
  (void)fd.release();
  dwfl_report_end(state->dwfl.get(), nullptr, nullptr);
  GElf_Addr bias = 0;
  state->elf = dwfl_module_getelf(state->module, &bias);
  state->symbol_count = state->elf == nullptr ? 0 : dwfl_module_getsymtab(state->module);
  if (state->symbol_count <= 0) return user_error(vmlinux.string() + " has no symbol table");
  Symbolizer symbolizer(std::move(state));
  symbolizer.state_->read_identity(symbolizer);
  return symbolizer;
}

std::string Symbolizer::name(std::uint64_t address) const {
  GElf_Off offset = 0;
  GElf_Sym symbol{};
  const char* name =
      dwfl_module_addrinfo(state_->module, address, &offset, &symbol, nullptr, nullptr, nullptr);
  // A function of assembly may have no size; anything else without one only marks a place (_einittext).
  constexpr std::uint64_t assembly_bytes = 4096;
  const std::uint64_t sizeless = GELF_ST_TYPE(symbol.st_info) == STT_FUNC ? assembly_bytes : 0;
  const bool known = name != nullptr && offset < (symbol.st_size != 0 ? symbol.st_size : sizeless) &&
                     !state_->from(address, SHF_EXECINSTR).empty();
  return known ? fmt::format("{}+{:#x}", name, offset) : fmt::format("{:#x}", address);
}

std::map<std::string, Symbol> Symbolizer::find(const std::vector<std::string>& names) const {
  std::map<std::string, Symbol> found;
  state_->each_symbol([&](const char* name, int type, const Symbol& symbol) {
    if (type != STT_FUNC && type != STT_OBJECT) return;
    if (std::find(names.begin(), names.end(), name) != names.end()) found[name] = symbol;
  });
  return found;
}

std::string_view Symbolizer::bytes(std::uint64_t address, std::uint64_t size) const {
  const std::string_view rest = state_->from(address, 0);
  return rest.size() < size ? std::string_view() : rest.substr(0, size);
}

std::string Symbolizer::text(std::uint64_t address) const {
  const std::string_view rest = state_->from(address, 0);
  const size_t end = rest.find('\0');
  return std::string(end == std::string_view::npos ? std::string_view() : rest.substr(0, end));
}

Result<void> Symbolizer::load_lines() {
  Dwarf_Addr bias = 0;
  if (dwfl_module_getdwarf(state_->module, &bias) == nullptr) {
    return user_error(
        state_->path.string() +
        " has no debug information: build the kernel with CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT");
  }
  state_->functions.clear();
  state_->each_symbol([this](const char* name, int type, const Symbol& symbol) {
    if (type == STT_FUNC) state_->functions.emplace(name, symbol);
  });
  state_->has_lines = true;
  return {};
}

std::vector<SourceLine> Symbolizer::lines(const CodeOffset& code) const {
  const Symbol* function = state_->has_lines ? state_->find(code) : nullptr;
  if (function == nullptr) return {};
  // A return address lies behind its call, which may be the last instruction of a line.
  const std::uint64_t address = function->address + code.offset - (code.offset > 0 ? 1 : 0);
  Dwarf_Die unit;
  if (!find_unit(state_->module, address, unit)) return {{code.function, "", false}};
  std::vector<SourceLine> out;
  std::string place = line_at(unit, address);
  Dwarf_Die* scopes = nullptr;
  const int count = dwarf_getscopes(&unit, address, &scopes);
  for (int i = 0; i < count; ++i) {
    if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine) continue;
    const char* name = dwarf_diename(&scopes[i]);
    out.push_back({name == nullptr ? "?" : name, std::move(place), true});
    place = call_site(unit, scopes[i]);
  }
  std::free(scopes);
  out.push_back({code.function, std::move(place), false});
  return out;
}

}  // namespace hangar::symbols
