// SPDX-License-Identifier: GPL-2.0-only
// The direction of dependencies between modules, as the design has it, checked on the includes themselves.
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "tests/places.h"

namespace hangar {
namespace {

using Modules = std::set<std::string>;

// What each module includes besides itself and base: no more, and no less.
const std::map<std::string, Modules> knows = {
    {"base", {}},
    {"stats", {}},
    {"log", {}},
    {"symbols", {}},
    {"cache", {}},
    {"patch", {}},
    {"kernel", {"cache", "patch"}},
    {"mail", {"patch"}},
    {"image", {"cache"}},
    {"sandbox", {}},
    {"guest", {}},
    {"subtest", {}},
    {"store", {"cache"}},
    {"vm", {"sandbox"}},
    {"verdict", {"stats", "subtest"}},
    {"scenario", {"verdict"}},
    {"bisect", {}},
    {"shrink", {"stats"}},
    {"compare", {"stats", "store", "verdict"}},
    {"nightly", {"stats"}},
    {"run", {"scenario", "stats", "subtest", "verdict"}},
    {"outcome", {"guest", "log", "run", "scenario", "store", "subtest", "verdict"}},
    {"report",
     {"compare", "guest", "log", "outcome", "run", "scenario", "stats", "store", "subtest", "verdict"}},
    {"checkpoint", {"cache", "run"}},
    {"live",
     {"checkpoint", "guest", "image", "log", "outcome", "run", "sandbox", "scenario", "store", "symbols",
      "verdict", "vm"}},
    {"experiment",
     {"cache", "checkpoint", "image", "kernel", "live", "outcome", "run", "sandbox", "scenario", "store",
      "verdict", "vm"}},
    {"cluster", {"cache", "experiment", "image", "outcome", "run", "sandbox", "store", "vm"}},
    {"cli", {"bisect",   "cache",  "cluster", "compare", "experiment", "image",   "kernel", "live",
             "log",      "mail",   "nightly", "outcome", "patch",      "report",  "run",    "sandbox",
             "scenario", "shrink", "stats",   "store",   "symbols",    "verdict", "vm"}},
};

// Headers that are heavy to compile stay out of ours.
const std::vector<std::string> heavy = {"nlohmann/json.hpp", "harness/base/json.h", "CLI/",  "boost/",
                                        "libvirt/",          "yaml-cpp/",           "gmime/"};

std::vector<std::string> includes_of(const std::string& text) {
  std::vector<std::string> found;
  for (const std::string_view line : split(text, '\n')) {
    if (line.rfind("#include ", 0) != 0) continue;
    const size_t begin = line.find_first_of("<\"") + 1;
    found.emplace_back(line.substr(begin, line.find_first_of(">\"", begin) - begin));
  }
  return found;
}

template <typename Visit>
void for_each_source(Visit&& visit) {
  for (const auto& module : std::filesystem::directory_iterator(fs::path(places::source) / "harness")) {
    if (!module.is_directory()) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(module.path())) {
      const std::string extension = entry.path().extension();
      if (extension == ".h" || extension == ".cpp") visit(module.path().filename().string(), entry.path());
    }
  }
}

TEST(Includes, AreThoseOfTheDesign) {
  std::map<std::string, Modules> included;
  for_each_source([&included](const std::string& module, const fs::path& file) {
    Modules& others = included[module];
    for (const std::string& include : includes_of(*read_file(file))) {
      if (include.rfind("harness/", 0) != 0) continue;
      const std::string other(split(include, '/').at(1));
      if (other != module && other != "base") others.insert(other);
    }
  });
  EXPECT_EQ(included, knows);
}

TEST(Includes, HeavyHeadersStayOutOfOurs) {
  for_each_source([](const std::string&, const fs::path& file) {
    if (file.extension() != ".h" || file.filename() == "matchers.h" || file.string().ends_with("base/json.h"))
      return;
    for (const std::string& include : includes_of(*read_file(file))) {
      for (const std::string& prefix : heavy)
        EXPECT_NE(include.rfind(prefix, 0), 0u) << file << " includes " << include;
    }
  });
}

TEST(Sources, CarryTheirLicence) {
  for_each_source([](const std::string&, const fs::path& file) {
    EXPECT_EQ(read_file(file)->rfind("// SPDX-License-Identifier: GPL-2.0-only\n", 0), 0u) << file;
  });
}

}  // namespace
}  // namespace hangar
