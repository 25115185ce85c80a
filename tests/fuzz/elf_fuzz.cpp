// SPDX-License-Identifier: GPL-2.0-only
#include "harness/symbols/symbolizer.h"
#include "tests/fuzz/fuzz.h"

// ELF files, as a vmlinux that a user names may be: symbols, the bytes at their addresses, source lines.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto vmlinux = symbols::Symbolizer::open(fuzz::input_file(fuzz::text_of(data, size), "vmlinux"));
  if (!vmlinux) return 0;
  for (const auto& [name, symbol] :
       vmlinux->find({"fuzz_seed_function", "fuzz_seed_object", "linux_banner"})) {
    fuzz::must(vmlinux->bytes(symbol.address, symbol.size).size() <= size, "more bytes than the file has");
    fuzz::must(vmlinux->text(symbol.address).size() <= size, "a longer text than the file has");
    (void)vmlinux->name(symbol.address + 1);
    fuzz::planted(name != "fuzz_seed_function" && symbol.size > 0x10000 &&
                  !vmlinux->text(symbol.address).empty());
  }
  (void)vmlinux->name(0x1234);
  if (vmlinux->load_lines()) (void)vmlinux->lines({"fuzz_seed_function", 1, std::nullopt});
  return 0;
}
