// SPDX-License-Identifier: GPL-2.0-only
#include "tests/golden.h"

#include <filesystem>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "tests/places.h"

namespace hangar::golden {
namespace {

// gtest_main leaves options that it does not know to the tests, but does not hand them on.
bool update_asked() {
  const auto command = read_file("/proc/self/cmdline");
  if (!command) return false;
  for (const std::string_view word : split(*command, '\0')) {
    if (word == "--update") return true;
  }
  return false;
}

}  // namespace

testing::AssertionResult matches(const std::string& name, const std::string& text) {
  const fs::path file = fs::path(places::source) / "tests/data" / name;
  if (update_asked()) {
    const auto made = fs::create_directories(file.parent_path());
    const auto written = made ? write_file(file, text) : made;
    if (!written) return testing::AssertionFailure() << written.error().message;
  }
  const auto golden = read_file(file);
  if (!golden) return testing::AssertionFailure() << golden.error().message << ": make it with --update";
  if (*golden == text) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name << " has\n" << *golden << "but this came:\n" << text;
}

}  // namespace hangar::golden
