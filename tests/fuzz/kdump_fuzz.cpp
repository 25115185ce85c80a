// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/kdump.h"
#include "tests/fuzz/fuzz.h"

// QEMU's flattened dumps. The input is what follows the header of 4096 bytes. Offsets are taken from the
// input as they are: the file that is written may be sparse, never longer than the file system allows.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(4096, '\0');
  bytes.replace(0, 12, "makedumpfile");
  bytes += fuzz::text_of(data, size);
  const auto from = fuzz::input_file(bytes, "flattened");
  const auto to = from.parent_path() / "dump";
  const auto written = vm::unflatten_dump(from, to);
  (void)vm::is_kdump(to);
  std::error_code code;
  fuzz::planted(written && std::filesystem::file_size(to, code) > (1U << 20) && vm::is_kdump(to));
  std::filesystem::remove(to, code);
  return 0;
}
