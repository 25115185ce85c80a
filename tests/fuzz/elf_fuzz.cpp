// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>

#include "harness/live/elf_image.h"
#include "harness/live/kernel_symbols.h"
#include "harness/log/render/symbols.h"
#include "tests/fuzz/fuzz.h"

// ELF files, as a vmlinux that a user names may be: symbols, the bytes at their addresses, source lines.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = fuzz::input_file(fuzz::text_of(data, size), "vmlinux");
  if (const auto image = live::ElfImage::open(file)) {
    for (const int type : {STT_FUNC, STT_OBJECT}) {
      image->each_symbol(type, [&](const char* name, const live::ElfImage::Symbol& symbol) {
        fuzz::must(image->bytes(symbol.address, symbol.size).size() <= size, "more bytes than the file has");
        fuzz::must(image->text(symbol.address).size() <= size, "a longer text than the file has");
        fuzz::planted(type == STT_OBJECT && symbol.size > 0x10000 && name[0] != '\0' &&
                      !image->text(symbol.address).empty());
      });
    }
  }
  if (const auto symbols = live::KernelSymbols::load(file)) (void)symbols->name(0x1234);
  if (auto symbols = log::Symbols::open(file.string())) {
    log::Frame frame;
    frame.function = "fuzz_seed_function";
    frame.offset = 1;
    (void)symbols->explain(frame);
  }
  return 0;
}
