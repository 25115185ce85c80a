// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/series.h"
#include "tests/fuzz/fuzz.h"

// series.yaml and the version ranges in it. The folder also has a patch, `a.patch`.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input_file("--- a/x\n", "series/patches/input/a.patch");
  const auto file = fuzz::input_file(fuzz::text_of(data, size), "series/patches/input/series.yaml");
  const auto series = kernel::load_series(file.parent_path().parent_path().parent_path(), "input");
  if (!series) {
    fuzz::must(!series.error().message.empty(), "an error without a message");
    return 0;
  }
  for (const char* version : {"6.1.192", "5.10", "7.2-rc3", ""}) {
    const auto patches = kernel::select_patches(*series, parse_version(version));
    fuzz::must(!patches || !series->variants.empty(), "patches of no variant");
  }
  for (const auto& variant : series->variants) {
    for (const auto& name : variant.patches)
      fuzz::must(name.find("..") == std::string::npos && name[0] != '/', "a path leaves the folder", name);
    fuzz::planted(series->variants.size() > 1 && variant.range.terms.size() > 2);
  }
  return 0;
}
