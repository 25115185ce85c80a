// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/planted_faults.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/run/why.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

using Strings = std::vector<std::string>;

Result<double> read_seconds(const Yaml& yaml, const std::string& key) {
  TRY_ASSIGN(const Yaml value, yaml.need(key));
  TRY_ASSIGN(const auto duration, value.duration());
  return static_cast<double>(duration.count()) / 1e3;
}

Result<std::optional<ExpectedHang>> read_hang(const Yaml& yaml) {
  if (yaml.raw() == "none") return std::optional<ExpectedHang>();
  TRY(yaml.only_keys({"kinds", "causes", "from", "to"}));
  ExpectedHang hang;
  TRY_ASSIGN(const Yaml kinds, yaml.need("kinds"));
  TRY_ASSIGN(hang.kinds, kinds.texts());
  if (const auto causes = yaml.get("causes")) {
    TRY_ASSIGN(hang.causes, causes->texts());
  }
  TRY_ASSIGN(hang.length_s.at_least, read_seconds(yaml, "from"));
  TRY_ASSIGN(hang.length_s.at_most, read_seconds(yaml, "to"));
  return std::optional(hang);
}

Result<ExpectedReport> read_expected(const Yaml& yaml) {
  TRY(yaml.only_keys({"fault", "about", "verdict", "crashes", "kills", "hang", "reason"}));
  ExpectedReport expected;
  TRY_ASSIGN(const Yaml fault, yaml.need("fault"));
  TRY_ASSIGN(const std::int64_t number, fault.integer());
  expected.fault = static_cast<int>(number);
  TRY_ASSIGN(const Yaml about, yaml.need("about"));
  TRY_ASSIGN(expected.about, about.text());
  TRY_ASSIGN(const Yaml verdict, yaml.need("verdict"));
  TRY_ASSIGN(expected.verdict, verdict.one_of({"pass", "fail", "inconclusive"}));
  TRY_ASSIGN(const Yaml crashes, yaml.need("crashes"));
  TRY_ASSIGN(expected.crashes, crashes.texts());
  TRY_ASSIGN(const Yaml kills, yaml.need("kills"));
  TRY_ASSIGN(expected.kills, kills.texts());
  TRY_ASSIGN(const Yaml hang, yaml.need("hang"));
  TRY_ASSIGN(expected.hang, read_hang(hang));
  if (const auto reason = yaml.get("reason")) {
    TRY_ASSIGN(expected.reason, reason->texts());
  }
  return expected;
}

Strings crashes_of(const run::RunReport& run) {
  Strings titles;
  for (const auto& crash : run.outcome.crashes) titles.push_back(crash.title);
  return titles;
}

Strings kills_of(const run::RunReport& run) {
  Strings roles;
  for (const auto& kill : run.outcome.oom_kills) {
    if (!kill.sysrq) roles.push_back(name_of(kill));
  }
  return roles;
}

// `hog?` may be missing: the guest may be off before.
bool are_expected_kills(const Strings& kills, const Strings& expected) {
  Strings all;
  Strings needed;
  for (std::string role : expected) {
    const bool optional = role.ends_with('?');
    if (optional) role.pop_back();
    all.push_back(role);
    if (!optional) needed.push_back(role);
  }
  return kills == all || kills == needed;
}

std::string hang_text(const verdict::Hang* hang) {
  if (hang == nullptr) return "no hang";
  return fmt::format("{} ({}) of {}{:.1f} s", hangar::to_string(hang->kind),
                     hang->cause ? hangar::to_string(*hang->cause) : "no cause",
                     hang->censored ? "at least " : "", hang->duration_s);
}

bool has(const Strings& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool is_as_expected(const verdict::Hang* hang, const std::optional<ExpectedHang>& expected) {
  if (hang == nullptr || !expected) return hang == nullptr && !expected;
  const bool cause = expected->causes.empty() || has(expected->causes, hangar::to_string(hang->cause));
  return has(expected->kinds, hangar::to_string(hang->kind)) && cause &&
         contains(expected->length_s, hang->duration_s);
}

// The text begins with the first part; the others follow in this order.
bool reads(const std::string& text, const Strings& parts) {
  size_t from = 0;
  for (const std::string& part : parts) {
    const size_t at = text.find(part, from);
    if (at == std::string::npos || (from == 0 && at != 0)) return false;
    from = at + part.size();
  }
  return true;
}

}  // namespace

Result<std::vector<ExpectedReport>> read_expected_reports() {
  TRY_ASSIGN(const Yaml yaml, Yaml::load(fs::path(places::source) / "tests/data/planted/expected.yaml"));
  std::vector<ExpectedReport> all;
  for (const Yaml& item : yaml.items()) {
    TRY_ASSIGN(const ExpectedReport expected, read_expected(item));
    all.push_back(expected);
  }
  return all;
}

std::string describe_report(const run::RunReport& run) {
  return fmt::format("{} in {:.1f} s | crashes {} | kills {} | {} | {}", to_text(run.verdict), run.wall_s,
                     crashes_of(run), kills_of(run), hang_text(longest_hang(run.outcome)), run::why_of(run));
}

Strings wrong_in(const run::RunReport& run, const ExpectedReport& expected) {
  Strings wrong;
  const auto check = [&](bool right, const std::string& what) {
    if (!right) wrong.push_back(what);
  };
  check(to_text(run.verdict) == expected.verdict, fmt::format("verdict {}", to_text(run.verdict)));
  check(crashes_of(run) == expected.crashes, fmt::format("crashes {}", crashes_of(run)));
  check(are_expected_kills(kills_of(run), expected.kills), fmt::format("kills {}", kills_of(run)));
  const verdict::Hang* hang = longest_hang(run.outcome);
  check(is_as_expected(hang, expected.hang), hang_text(hang));
  const std::string reason = run::why_of(run);
  check(reads(reason, expected.reason), fmt::format("reason \"{}\"", reason));
  return wrong;
}

}  // namespace hangar::guest_tests
