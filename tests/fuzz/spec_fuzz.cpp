// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/spec.h"
#include "tests/fuzz/fuzz.h"

// Kernel specs, read from a file beside a source tree that has the names that most specs of the corpus use.
using namespace hangar;

namespace {

std::filesystem::path source_tree() {
  static const auto kernels = [] {
    for (const char* name : {"base", "ext4", "memcg"})
      fuzz::input_file("", std::string("spec/kernels/config/") + name + ".config");
    for (const char* name : {"memalloc-info", "oom-2015"})
      fuzz::input_file("", std::string("spec/kernels/patches/") + name + "/series.yaml");
    return fuzz::input_file("source: {debian: linux-source-6.1}", "spec/kernels/v6.1.yaml").parent_path();
  }();
  return kernels.parent_path();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = fuzz::input_file(fuzz::text_of(data, size), "spec/input.yaml");
  const auto spec = kernel::load_spec(source_tree(), file.string());
  if (!spec) {
    fuzz::must(!spec.error().message.empty(), "an error without a message");
    return 0;
  }
  fuzz::must(!spec->name.empty(), "a spec without a name");
  fuzz::must(spec->source.sha256.empty() || spec->source.kind == kernel::Source::Kind::tarball,
             "a digest of what is no archive");
  (void)kernel::describe(spec->source);
  fuzz::planted(spec->source.kind == kernel::Source::Kind::git && spec->patches.size() > 1 &&
                spec->config.size() > 1 && !spec->cmdline.empty());
  return 0;
}
