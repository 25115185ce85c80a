// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/rates.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/date.h"
#include "harness/base/files.h"
#include "harness/base/kernel_name.h"
#include "harness/base/yaml.h"

namespace hangar::nightly {
namespace {

constexpr std::int64_t most_runs = 100000;

Result<int> read_count(const Yaml& yaml, const std::string& key, std::int64_t least, std::int64_t most) {
  TRY_ASSIGN(const Yaml value, yaml.need(key));
  TRY_ASSIGN(const std::int64_t count, value.integer());
  if (count < least || count > most) return value.error(fmt::format("expected {} to {} runs", least, most));
  return static_cast<int>(count);
}

Result<std::string> read_day(const Yaml& yaml) {
  TRY_ASSIGN(const Yaml value, yaml.need("measured"));
  TRY_ASSIGN(std::string day, value.text());
  const auto date = parse_date(day);
  if (!date || !date->day) return value.error("expected a day such as 2026-11-28");
  return day;
}

Result<KnownRate> read_rate(const Yaml& yaml) {
  TRY(yaml.only_keys({"kernel", "hangs", "runs", "measured", "machine", "known"}));
  KnownRate rate;
  TRY_ASSIGN(const Yaml kernel, yaml.need("kernel"));
  TRY_ASSIGN(const std::string written, kernel.title());
  rate.kernel = current_kernel_name(written);
  TRY_ASSIGN(rate.runs, read_count(yaml, "runs", 1, most_runs));
  TRY_ASSIGN(rate.hangs, read_count(yaml, "hangs", 0, rate.runs));
  TRY_ASSIGN(rate.measured, read_day(yaml));
  TRY_ASSIGN(const Yaml machine, yaml.need("machine"));
  TRY_ASSIGN(rate.machine, machine.title());
  if (const auto known = yaml.get("known")) {
    TRY_ASSIGN(rate.known, known->one_of<Known>());
  }
  return rate;
}

}  // namespace

Result<Rates> parse_rates(std::string_view text, const fs::path& file) {
  TRY_ASSIGN(const Yaml yaml, Yaml::parse(text, file.string()));
  TRY(yaml.only_keys({"rates", "kernels"}));
  Rates rates;
  TRY_ASSIGN(const Yaml scenario, yaml.need("rates"));
  TRY_ASSIGN(rates.scenario, scenario.title());
  TRY_ASSIGN(const Yaml kernels, yaml.need("kernels"));
  for (const Yaml& item : kernels.items()) {
    TRY_ASSIGN(KnownRate rate, read_rate(item));
    const bool second = std::any_of(rates.kernels.begin(), rates.kernels.end(),
                                    [&](const KnownRate& other) { return other.kernel == rate.kernel; });
    if (second) return item.error(fmt::format("duplicate kernel `{}`", rate.kernel));
    rates.kernels.push_back(std::move(rate));
  }
  if (rates.kernels.empty()) return kernels.error("expected at least one kernel");
  return rates;
}

Result<Rates> load_rates(const fs::path& source_tree, const std::string& reproducer) {
  const fs::path file = source_tree / "reproducers" / reproducer / "rates.yaml";
  TRY_ASSIGN(const std::string text, read_file(file, max_yaml_bytes));
  return parse_rates(text, file);
}

stats::RateTest test_of(Known known) {
  switch (known) {
    case Known::never:
      return stats::never_hung();
    case Known::nearly_always:
      return stats::nearly_always_hung();
    case Known::always:
      break;
  }
  return stats::always_hung();
}

}  // namespace hangar::nightly
