// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/version.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

bool holds(const VersionRange::Term& term, Version version) {
  version.resize(term.bound.size());
  const auto& relation = term.relation;
  if (relation == "<") return version < term.bound;
  if (relation == "<=") return version <= term.bound;
  if (relation == ">") return version > term.bound;
  if (relation == ">=") return version >= term.bound;
  return version == term.bound;
}

}  // namespace

bool VersionRange::contains(const Version& version) const {
  return std::all_of(terms.begin(), terms.end(), [&](const Term& term) { return holds(term, version); });
}

Result<VersionRange> parse_range(std::string_view text) {
  VersionRange range;
  for (std::string_view word : split(text, ' ')) {
    word = trim(word);
    if (word.empty()) continue;
    const size_t digits = word.find_first_not_of("<>=");
    const std::string relation(word.substr(0, digits));
    const std::string_view number = digits == std::string_view::npos ? "" : word.substr(digits);
    VersionRange::Term term{relation.empty() ? "=" : relation, parse_version(number)};
    const bool known = term.relation == "<" || term.relation == "<=" || term.relation == ">" ||
                       term.relation == ">=" || term.relation == "=";
    if (!known || term.bound.empty() || number.find_first_not_of("0123456789.") != std::string_view::npos) {
      return user_error(
          fmt::format("`{}` is not a range of versions: write for example `>=6.1 <6.10`", word));
    }
    range.terms.push_back(std::move(term));
  }
  return range;
}

}  // namespace hangar::kernel
