// SPDX-License-Identifier: GPL-2.0-only
#include "tests/samples.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/log/infer/read.h"

namespace hangar::samples {
namespace {

namespace stdfs = std::filesystem;

// A fifth of the reports that came later, chosen by the digest of their names.
Part part_of(const std::string& name) {
  if (std::atoi(name.c_str()) % 3 == 0) return Part::old;
  const auto digit = sha256(name).substr(1, 1);
  return digit == "3" || digit == "7" || digit == "b" || digit == "f" ? Part::aside : Part::read;
}

Sample parse_sample(const stdfs::path& path) {
  Sample sample;
  sample.name = path.filename();
  sample.part = part_of(sample.name);
  const auto text = read_file(path);
  std::string_view rest = text ? *text : std::string_view{};
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty()) break;
    const auto value = std::string(line.substr(std::min(line.size(), line.find(": ") + 2)));
    if (line.starts_with("TITLE: ")) sample.title = value;
    if (line.starts_with("ALT: ")) sample.alternatives.push_back(value);
    if (line.starts_with("TYPE: ")) sample.type = value;
    if (line.starts_with("CORRUPTED: Y")) sample.corrupted = true;
    if (line.starts_with("PANICKED: Y")) sample.panicked = true;
  }
  const auto report = rest.find("\nREPORT:\n");
  sample.log = rest.substr(0, report == std::string_view::npos ? rest.size() : report + 1);
  return sample;
}

}  // namespace

stdfs::path folder(const stdfs::path& source) {
  return source / "../shared/corpus/console-reports";
}

std::vector<Sample> read_samples(const stdfs::path& folder) {
  std::vector<Sample> samples;
  for (const auto& entry : stdfs::directory_iterator(folder)) {
    if (entry.path().filename() != "LICENSE") samples.push_back(parse_sample(entry.path()));
  }
  std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return samples;
}

log::Crash first_crash(const std::string& text) {
  const auto facts = log::analyse(text);
  log::Crash crash;
  for (const auto& boot : facts.boots) {
    if (boot.crashes.empty()) continue;
    crash = boot.crashes.front();
    break;
  }
  if (crash.type.empty()) crash.type = "UNKNOWN";
  return crash;
}

}  // namespace hangar::samples
