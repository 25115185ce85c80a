// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <cstring>

#include <fcntl.h>
#include <gelf.h>
#include <gmock/gmock.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/live/kernel_image.h"
#include "harness/symbols/symbolizer.h"
#include "tests/unit/small_vmlinux.h"

namespace hangar::live {
namespace {

using testing::HasSubstr;

// Virtual addresses as linked; an address less `image_map` is the physical one.
constexpr std::uint64_t image_map = 0xffffffff80000000;
constexpr std::uint64_t rodata = image_map + 0x1000;
constexpr std::uint64_t banner_at = 0;   // in .rodata
constexpr std::uint64_t table_at = 64;   // vmstat_text
constexpr std::uint64_t texts_at = 128;  // what it points to
constexpr std::uint64_t offsets = image_map + 0x2000;
constexpr std::uint64_t page_offset_base = image_map + 0x2800;
constexpr std::uint64_t states = 0x40;  // within a per-CPU area
constexpr std::uint64_t direct_map = 0xff11000000000000;
constexpr std::uint64_t first_area = 0x4000;  // physical
constexpr std::uint64_t area_bytes = 0x1000;
constexpr const char* banner = "Linux version 6.1.0 (small)\n";

void put(std::string& bytes, std::uint64_t at, std::uint64_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

std::string rodata_bytes() {
  std::string bytes(256, '\0');
  bytes.replace(banner_at, std::strlen(banner), banner);
  std::uint64_t text = texts_at;
  std::uint64_t entry = table_at;
  for (const std::string name : {"nr_free_pages", "pgpgin", "pgpgout", "oom_kill"}) {
    put(bytes, entry, rodata + text);
    bytes.replace(text, name.size(), name);
    text += name.size() + 1;
    entry += 8;
  }
  return bytes;
}

// Names with a zero behind each, and where each begins.
class Strings {
 public:
  size_t add(const std::string& name) {
    const size_t at = bytes_.size();
    bytes_ += name + '\0';
    return at;
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

Elf64_Shdr* add_section(Elf* elf, std::string& bytes, Elf64_Word type, size_t name) {
  Elf_Scn* section = elf_newscn(elf);
  Elf_Data* data = elf_newdata(section);
  data->d_buf = bytes.data();
  data->d_size = bytes.size();
  data->d_align = 8;
  data->d_type = type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
  data->d_version = EV_CURRENT;
  Elf64_Shdr* header = elf64_getshdr(section);
  header->sh_type = type;
  header->sh_name = static_cast<Elf64_Word>(name);
  return header;
}

std::string symbol_bytes(Strings& names, bool events) {
  struct Symbol {
    const char* name;
    std::uint64_t address;
    std::uint64_t size;
  };
  std::vector<Symbol> symbols = {{"linux_banner", rodata + banner_at, std::strlen(banner) + 1},
                                 {"vmstat_text", rodata + table_at, 32},
                                 {"__per_cpu_offset", offsets, 64},
                                 {"page_offset_base", page_offset_base, 8}};
  if (events) symbols.push_back({"vm_event_states", states, 24});
  std::string bytes(sizeof(Elf64_Sym), '\0');  // the first one is undefined
  for (const Symbol& symbol : symbols) {
    Elf64_Sym entry{};
    entry.st_name = static_cast<Elf64_Word>(names.add(symbol.name));
    entry.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    entry.st_shndx = SHN_ABS;
    entry.st_value = symbol.address;
    entry.st_size = symbol.size;
    bytes.append(reinterpret_cast<const char*>(&entry), sizeof(entry));
  }
  return bytes;
}

}  // namespace

bool write_small_vmlinux(const std::filesystem::path& file, bool events) {
  const Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  elf_version(EV_CURRENT);
  Elf* elf = elf_begin(fd.get(), ELF_C_WRITE, nullptr);
  if (elf == nullptr) return false;
  Elf64_Ehdr* header = elf64_newehdr(elf);
  header->e_ident[EI_DATA] = ELFDATA2LSB;
  header->e_machine = EM_X86_64;
  header->e_type = ET_EXEC;
  header->e_version = EV_CURRENT;
  Elf64_Phdr* segment = elf64_newphdr(elf, 1);
  segment->p_type = PT_LOAD;
  segment->p_flags = PF_R;
  Strings names;
  std::string data = rodata_bytes();
  segment->p_vaddr = segment->p_paddr = rodata;
  segment->p_filesz = segment->p_memsz = data.size();
  std::string symbols = symbol_bytes(names, events);
  const std::array<size_t, 3> section_names = {names.add(".rodata"), names.add(".symtab"),
                                               names.add(".strtab")};
  Elf64_Shdr* section = add_section(elf, data, SHT_PROGBITS, section_names[0]);
  section->sh_flags = SHF_ALLOC;
  section->sh_addr = rodata;
  section = add_section(elf, symbols, SHT_SYMTAB, section_names[1]);
  section->sh_entsize = sizeof(Elf64_Sym);
  section->sh_link = 3;
  add_section(elf, names.bytes(), SHT_STRTAB, section_names[2]);
  header->e_shstrndx = 3;
  const bool laid_out = elf_update(elf, ELF_C_NULL) >= 0;  // gives the section its offset
  segment->p_offset = elf64_getshdr(elf_getscn(elf, 1))->sh_offset;
  const bool written = laid_out && elf_update(elf, ELF_C_WRITE) >= 0;
  elf_end(elf);
  return written;
}

std::string memory_of_small_guest(const std::vector<std::uint64_t>& kills) {
  std::string memory(first_area + kills.size() * area_bytes, '\0');
  memory.replace(rodata - image_map, 256, rodata_bytes());
  put(memory, page_offset_base - image_map, direct_map);
  for (size_t cpu = 0; cpu < kills.size(); ++cpu) {
    const std::uint64_t area = first_area + cpu * area_bytes;
    put(memory, offsets - image_map + cpu * 8, direct_map + area);
    put(memory, area + states, 1000);      // pgpgin
    put(memory, area + states + 8, 2000);  // pgpgout
    put(memory, area + states + 16, kills[cpu]);
  }
  return memory;
}

namespace {

class SmallGuest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "vmlinux");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    file_ = folder_->path() / "vmlinux";
    ASSERT_TRUE(write_small_vmlinux(file_));
  }
  Result<std::int64_t> count(const std::string& memory, int cpus) {
    const KernelImage image = load_kernel_image(file_);
    if (!image.events) return infra_error(image.no_events);
    return count_oom_kills(*image.events, cpus,
                           [&memory](std::uint64_t at, size_t bytes) -> Result<std::string> {
                             if (at > memory.size() || bytes > memory.size() - at)
                               return infra_error("no such memory");
                             return memory.substr(at, bytes);
                           });
  }

  std::optional<TempDir> folder_;
  std::filesystem::path file_;
};

TEST_F(SmallGuest, SumsWhatEachCpuCounted) {
  const std::string memory = memory_of_small_guest({3, 0, 4});
  EXPECT_EQ(*count(memory, 3), 7);
  EXPECT_EQ(*count(memory, 1), 3);
}

TEST_F(SmallGuest, IndexOfTheEventIsWithinTheEvents) {
  const KernelImage image = load_kernel_image(file_);
  const auto& events = image.events;
  ASSERT_TRUE(events) << image.no_events;
  EXPECT_EQ(events->oom_kill, 2u);
  EXPECT_EQ(events->banner_text, banner);
  EXPECT_EQ(events->page_offset_base, page_offset_base);
}

TEST_F(SmallGuest, OtherKernelInTheGuestIsAnError) {
  std::string memory = memory_of_small_guest({1, 1});
  memory[rodata - image_map + 15] = '7';
  const auto counted = count(memory, 2);
  ASSERT_FALSE(counted);
  EXPECT_THAT(counted.error().message, HasSubstr("does not hold this vmlinux"));
}

TEST_F(SmallGuest, PerCpuAreaElsewhereIsAnError) {
  std::string memory = memory_of_small_guest({1, 1});
  put(memory, offsets - image_map + 8, 0xffffc90000000000);  // vmalloc
  const auto counted = count(memory, 2);
  ASSERT_FALSE(counted);
  EXPECT_THAT(counted.error().message, HasSubstr("CPU 1 is not in the direct map"));
}

TEST_F(SmallGuest, FileWithoutWhatIsNeededIsAnError) {
  ASSERT_TRUE(write_small_vmlinux(file_, /*events=*/false));
  const KernelImage image = load_kernel_image(file_);
  EXPECT_FALSE(image.events);
  EXPECT_EQ(image.no_events, file_.string() + " has no symbol vm_event_states");
  EXPECT_TRUE(image.symbols);
  EXPECT_THAT(load_kernel_image("/proc/self/exe").no_events, HasSubstr("has no symbol"));
}

TEST(KernelImage, FileWithoutSymbolsHasAReason) {
  const KernelImage image = load_kernel_image("/no/such/file");
  EXPECT_FALSE(image.symbols);
  EXPECT_FALSE(image.has_lockdep);
  EXPECT_THAT(image.no_symbols, HasSubstr("/no/such/file"));
  EXPECT_EQ(image.no_events, image.no_symbols);
}

TEST(EventIndex, CountsFromTheFirstEvent) {
  EXPECT_EQ(event_index({"nr_free_pages", "", "pgpgin", "pgpgout", "oom_kill"}, "oom_kill"), 2u);
  EXPECT_EQ(event_index({"pgpgin"}, "pgpgin"), 0u);
  EXPECT_FALSE(event_index({"oom_kill", "pgpgin"}, "oom_kill")) << "not among the events";
  EXPECT_FALSE(event_index({"nr_free_pages", "oom_kill"}, "oom_kill"));
  EXPECT_FALSE(event_index({}, "oom_kill"));
}

TEST_F(SmallGuest, BytesOutsideOfTheSectionsAreEmpty) {
  const auto image = symbols::Symbolizer::open(file_);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->text(rodata), banner);
  EXPECT_EQ(image->bytes(rodata + 248, 8).size(), 8u);
  EXPECT_TRUE(image->bytes(rodata + 248, 9).empty());
  EXPECT_TRUE(image->bytes(rodata - 1, 1).empty());
  EXPECT_EQ(image->text(0), "");
}

// A file that was cut does not crash its reader.
TEST_F(SmallGuest, CutAnywhere) {
  const std::string whole = *read_file(file_);
  for (size_t size = 0; size < whole.size(); size += 7) {
    ASSERT_TRUE(write_file(file_, whole.substr(0, size)));
    EXPECT_FALSE(load_kernel_image(file_).events) << size;
  }
}

}  // namespace
}  // namespace hangar::live
