// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// The notes for crash dumps (VMCOREINFO), used as a dump reader uses them: through /proc/kcore, from
// mem_section to struct page, and there to the word or the flag that the notes name. What they say of each
// page must match /proc/kpageflags. Facts: Documentation/admin-guide/kdump/vmcoreinfo.rst and
// include/linux/mmzone.h.

#include <elf.h>

#include "pages.h"

enum { SEGMENTS = 64, SECTION_FLAGS = 0xfff, STRUCT_PAGE_MOST = 256 };

static struct {
  int fd;  // of /proc/kcore, -1: there is none
  char* text;
  Elf64_Phdr segments[SEGMENTS];
  int segment_count;
  size_t page_size;
  long mapcount_at, flags_at, section_shift;  // the last: from a pfn to its section
  long slab_flag, slab_value, buddy_value;    // -1 (flag) or 0 (values): not named
} notes = {.fd = -1};

static bool note_number(const char* key, int base, uint64_t* value) {
  const size_t length = strlen(key);
  for (const char* at = strstr(notes.text, key); at != NULL; at = strstr(at + length, key)) {
    if ((at != notes.text && at[-1] != '\n') || at[length] != '=') continue;
    *value = base == 16 ? strtoull(at + length + 1, NULL, 16) : (uint64_t)strtoll(at + length + 1, NULL, 10);
    return true;
  }
  return false;
}

static uint64_t need_note(const char* key, int base) {
  uint64_t value = 0;
  if (!note_number(key, base, &value)) wrong("the crash-dump notes have no %s", key);
  return value;
}

static bool read_kernel(uint64_t address, void* to, size_t bytes) {
  for (int i = 0; i < notes.segment_count; i++) {
    const Elf64_Phdr* segment = &notes.segments[i];
    if (address < segment->p_vaddr || address + bytes > segment->p_vaddr + segment->p_memsz) continue;
    return pread(notes.fd, to, bytes, (off_t)(segment->p_offset + (address - segment->p_vaddr))) ==
           (ssize_t)bytes;
  }
  return false;
}

// The text of the VMCOREINFO note among the notes of the core file.
static char* find_vmcoreinfo(const Elf64_Phdr* segment) {
  char* all = malloc(segment->p_filesz + 1);
  if (all == NULL || pread(notes.fd, all, segment->p_filesz, (off_t)segment->p_offset) < 0) return NULL;
  for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= segment->p_filesz;) {
    const Elf64_Nhdr* note = (const Elf64_Nhdr*)(all + at);
    const size_t name = at + sizeof(*note);
    const size_t text = name + ((note->n_namesz + 3) & ~3U);
    if (text + note->n_descsz > segment->p_filesz) break;
    if (note->n_namesz == sizeof("VMCOREINFO") && memcmp(all + name, "VMCOREINFO", note->n_namesz) == 0) {
      all[text + note->n_descsz] = '\0';
      return all + text;
    }
    at = text + ((note->n_descsz + 3) & ~3U);
  }
  return NULL;
}

// Everything from the notes that is the same at each look. False: this kernel has no /proc/kcore.
static bool open_notes(void) {
  Elf64_Ehdr header;
  notes.fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
  if (notes.fd < 0) return false;
  if (pread(notes.fd, &header, sizeof(header), 0) != sizeof(header)) fail("/proc/kcore");
  notes.segment_count = header.e_phnum < SEGMENTS ? header.e_phnum : SEGMENTS;
  const ssize_t bytes = (ssize_t)sizeof(Elf64_Phdr) * notes.segment_count;
  if (pread(notes.fd, notes.segments, (size_t)bytes, (off_t)header.e_phoff) != bytes) fail("/proc/kcore");
  for (int i = 0; i < notes.segment_count && notes.text == NULL; i++)
    if (notes.segments[i].p_type == PT_NOTE) notes.text = find_vmcoreinfo(&notes.segments[i]);
  if (notes.text == NULL) {
    wrong("/proc/kcore has no VMCOREINFO note");
    notes.fd = -1;
    return false;
  }
  notes.page_size = need_note("SIZE(page)", 10);
  if (notes.page_size > STRUCT_PAGE_MOST) complain("struct page is larger than expected", "SIZE(page)");
  notes.mapcount_at = (long)need_note("OFFSET(page._mapcount)", 10);
  notes.section_shift = (long)need_note("NUMBER(SECTION_SIZE_BITS)", 10) - 12;
  notes.flags_at = (long)need_note("OFFSET(page.flags)", 10);
  notes.buddy_value = (long)need_note("NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", 10);
  uint64_t value;
  notes.slab_flag = note_number("NUMBER(PG_slab)", 10, &value) ? (long)value : -1;
  notes.slab_value = note_number("NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", 10, &value) ? (long)value : 0;
  if ((notes.slab_flag < 0) == (notes.slab_value == 0))
    wrong("the crash-dump notes must have one of PG_slab and PAGE_SLAB_MAPCOUNT_VALUE");
  return true;
}

// Where a page's struct page is; 0: in no section. Sections are in roots, as with SPARSEMEM_EXTREME.
static uint64_t struct_page_of(uint64_t pfn) {
  static uint64_t cached_section = UINT64_MAX;
  static uint64_t cached_map;
  const uint64_t section = pfn >> notes.section_shift;
  if (section != cached_section) {
    const uint64_t size = need_note("SIZE(mem_section)", 10);
    const uint64_t in_root = 4096 / size;
    uint64_t root = 0;
    cached_map = 0;
    cached_section = section;
    if (!read_kernel(need_note("SYMBOL(mem_section)", 16) + section / in_root * 8, &root, 8) || root == 0)
      return 0;
    root += section % in_root * size + need_note("OFFSET(mem_section.section_mem_map)", 10);
    if (!read_kernel(root, &cached_map, 8)) cached_map = 0;
    cached_map &= ~(uint64_t)SECTION_FLAGS;
  }
  return cached_map == 0 ? 0 : cached_map + pfn * notes.page_size;
}

struct raw_page {
  uint64_t flags;
  uint32_t word;  // _mapcount, or the type
};

enum { AT_ONCE = 64 };  // struct pages in one read; sections are a multiple of that

// `count` struct pages from `pfn` on, as raw bytes.
static bool read_struct_pages(uint64_t pfn, size_t count, char* to) {
  const uint64_t address = struct_page_of(pfn);
  return address != 0 && read_kernel(address, to, count * notes.page_size);
}

static struct raw_page raw_page_in(const char* bytes) {
  struct raw_page raw;
  memcpy(&raw.flags, bytes + notes.flags_at, sizeof(raw.flags));
  memcpy(&raw.word, bytes + notes.mapcount_at, sizeof(raw.word));
  return raw;
}

// Since 6.12 the type is the top byte; before, a page type was a clear bit of the word. Of the page-type
// series, whose bits are in the upper half, only that half is the type: SLAB counts in the lower one.
static bool word_is(uint32_t word, long value) {
  const uint32_t wanted = (uint32_t)value;
  if ((wanted & 0xffffff) == 0) return word >> 24 == wanted >> 24;
  if ((wanted & 0xffff) == 0xffff) return word >> 16 == wanted >> 16;
  return word == wanted;
}

static bool notes_say_slab(const struct raw_page* raw) {
  if (notes.slab_flag >= 0) return (raw->flags >> notes.slab_flag & 1) != 0;
  return word_is(raw->word, notes.slab_value);
}

static const char* note_fault(uint64_t flags, const struct raw_page* raw) {
  const bool slab = has(flags, KPF_SLAB) && !has(flags, KPF_TAIL);
  if (notes_say_slab(raw) != slab)
    return slab ? "is a slab, and not so by the crash-dump notes" : "is a slab by the crash-dump notes alone";
  if (word_is(raw->word, notes.buddy_value) && !has(flags, KPF_BUDDY))
    return "is free by the crash-dump notes alone";
  return NULL;
}

struct note_scan {
  uint64_t pages, slab, buddy, guard;
  uint64_t objects;  // that SLAB counts in the lower halves; 0: it does not
};

static void count_note(const struct raw_page* raw, struct note_scan* scan) {
  scan->pages++;
  if (word_is(raw->word, notes.buddy_value)) scan->buddy++;
  // Where types are bits, PG_guard is three above PG_buddy.
  if ((notes.buddy_value & 0xf) == 0xf && word_is(raw->word, ~(~notes.buddy_value << 3))) scan->guard++;
  if (!notes_say_slab(raw)) return;
  scan->slab++;
  if (notes.slab_flag < 0 && (notes.slab_value & 0xffff) == 0xffff) scan->objects += ~raw->word & 0xffff;
}

static void check_note(uint64_t pfn, struct raw_page raw) {
  char bytes[STRUCT_PAGE_MOST];
  uint64_t before = map.flags[pfn];
  uint64_t after = before;
  const char* fault = note_fault(before, &raw);
  for (int i = 1; fault != NULL && i < LOOKS; i++) {
    before = look(map.flags_fd, pfn);
    if (!read_struct_pages(pfn, 1, bytes)) return;
    raw = raw_page_in(bytes);
    after = look(map.flags_fd, pfn);
    fault = before == after ? note_fault(before, &raw) : NULL;
  }
  if (fault != NULL)
    wrong("page %#" PRIx64 " %s: kpageflags %#" PRIx64 ", struct page flags %#" PRIx64 ", word %#" PRIx32,
          pfn, fault, before, raw.flags, raw.word);
}

// Reads all flags, then all struct pages. What changed in between looks wrong once, and is looked at again.
static struct note_scan scan_notes(void) {
  static char bytes[AT_ONCE * STRUCT_PAGE_MOST];
  struct note_scan scan = {0};
  read_map(map.flags_fd, map.flags, map.pages);
  for (uint64_t pfn = 0; pfn + AT_ONCE <= map.pages; pfn += AT_ONCE) {
    if (!read_struct_pages(pfn, AT_ONCE, bytes)) continue;  // a hole
    for (uint64_t i = 0; i < AT_ONCE; i++) {
      if (has(map.flags[pfn + i], KPF_NOPAGE)) continue;
      const struct raw_page raw = raw_page_in(bytes + i * notes.page_size);
      count_note(&raw, &scan);
      check_note(pfn + i, raw);
    }
  }
  hangar_progress(1);
  return scan;
}
