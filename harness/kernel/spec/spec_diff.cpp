// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/spec_diff.h"

#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

}  // namespace

std::vector<SpecChange> diff_specs(const Spec& a, const Spec& b) {
  const std::vector<SpecChange> all = {{"source", describe(a.source), describe(b.source)},
                                       {"patches", join(a.patches, ", "), join(b.patches, ", ")},
                                       {"command line", a.cmdline, b.cmdline}};
  std::vector<SpecChange> changes;
  for (const SpecChange& change : all) {
    if (change.a != change.b) changes.push_back({change.what, or_dash(change.a), or_dash(change.b)});
  }
  return changes;
}

}  // namespace hangar::kernel
