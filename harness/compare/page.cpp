// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/page.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/base/text.h"

namespace hangar::compare {
namespace {

// The mask in "oom2015=254", as bit values; none for other settings.
std::optional<unsigned> mask_in(const std::string& setting, const std::string& parameter) {
  if (setting.rfind(parameter + "=", 0) != 0) return std::nullopt;
  const char* begin = setting.data() + parameter.size() + 1;
  const char* end = setting.data() + setting.size();
  unsigned mask = 0;
  const auto [stop, failure] = std::from_chars(begin, end, mask);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return mask;
}

std::string side_text(double rate, int settings, int runs) {
  if (settings == 0) return "not run";
  return fmt::format("{:.2f} ({} masks, {} runs)", rate, settings, runs);
}

std::string effect_line(const std::pair<unsigned, std::string>& which, const stats::Effect& effect) {
  const bool both = effect.settings_with > 0 && effect.settings_without > 0;
  const std::string difference = both ? fmt::format("{:+.2f} ({:+.2f} to {:+.2f})", effect.difference,
                                                    effect.interval.low, effect.interval.high)
                                      : "unknown";
  return markdown_row({std::to_string(which.first), which.second,
                       side_text(effect.with, effect.settings_with, effect.runs_with),
                       side_text(effect.without, effect.settings_without, effect.runs_without), difference});
}

std::string one_off_line(const std::string& parameter, unsigned all,
                         const std::pair<unsigned, std::string>& off, const stats::SettingTally* tally) {
  const std::string name = fmt::format("{}={}", parameter, all & ~off.first);
  if (tally == nullptr || tally->runs == 0) return markdown_row({name, off.second, "not run"});
  const stats::Interval rate = stats::exact_interval(tally->hung, tally->runs);
  return markdown_row(
      {name, off.second,
       fmt::format("{} of {} (95%: {:.2g} to {:.2g})", tally->hung, tally->runs, rate.low, rate.high)});
}

std::vector<stats::SettingTally> of_the_sixteen(const std::vector<stats::SettingTally>& tallies,
                                                size_t switches) {
  const auto masks = stats::sixteen_settings(static_cast<int>(switches));
  const std::set<std::uint32_t> wanted(masks.begin(), masks.end());
  std::vector<stats::SettingTally> found;
  std::copy_if(tallies.begin(), tallies.end(), std::back_inserter(found),
               [&](const stats::SettingTally& tally) { return wanted.count(tally.mask) != 0; });
  return found;
}

}  // namespace

std::vector<stats::SettingTally> tallies_of(const SwitchNames& switches, const std::vector<Row>& rows) {
  std::map<std::uint32_t, std::vector<const Row*>> by_mask;
  for (const Row& row : rows) {
    const auto bits = mask_in(row.setting, switches.parameter);
    if (!bits) continue;
    std::uint32_t mask = 0;
    for (size_t i = 0; i < switches.of.size(); ++i) mask |= (*bits & switches.of[i].first) != 0 ? 1u << i : 0;
    by_mask[mask].push_back(&row);
  }
  std::vector<stats::SettingTally> tallies;
  for (const auto& [mask, group] : by_mask) {
    const CellSummary cell = summarise("", group);
    tallies.push_back({mask, cell.runs, cell.hung});
  }
  return tallies;
}

std::string switches_section(const SwitchNames& switches, const std::vector<Row>& rows) {
  const std::vector<stats::SettingTally> tallies = tallies_of(switches, rows);
  if (tallies.empty()) return "";
  const std::vector<stats::SettingTally> fraction = of_the_sixteen(tallies, switches.of.size());
  std::string text = fmt::format(
      "## What each bit of `{}=` contributes\n\nSixteen masks, in which every bit is on in half, whatever "
      "the "
      "others are (resolution IV: main effects are\nnot aliased with two-factor interactions). Rates are "
      "means "
      "over masks. A hang that needs several bits at once shows only as\nsmall main effects; the second "
      "table "
      "has the rates with one bit off.\n\n"
      "| bit | | mean hang rate with it | without it | difference (95%) |\n| --- | --- | --- | --- | --- |\n",
      switches.parameter);
  unsigned all = 0;
  for (size_t i = 0; i < switches.of.size(); ++i) {
    text += effect_line(switches.of[i], stats::effect_of(static_cast<int>(i), fraction));
    all |= switches.of[i].first;
  }
  text += "\n| all but one | the bit that is off | hung |\n| --- | --- | --- |\n";
  const std::uint32_t every = (1u << switches.of.size()) - 1;
  for (size_t i = 0; i < switches.of.size(); ++i) {
    const auto tally = std::find_if(
        tallies.begin(), tallies.end(),
        [&](const stats::SettingTally& candidate) { return candidate.mask == (every & ~(1u << i)); });
    text += one_off_line(switches.parameter, all, switches.of[i], tally == tallies.end() ? nullptr : &*tally);
  }
  return text + "\n";
}

std::string sysrq_section(const std::vector<CellSummary>& cells) {
  std::string lines;
  for (const CellSummary& cell : cells) {
    const SysrqF& f = cell.sysrq_f;
    if (f.hangs == 0) continue;
    std::map<std::string, int> enders;
    for (const std::string& who : f.enders) ++enders[who];
    std::vector<std::string> who;
    for (const auto& [name, count] : enders) who.push_back(fmt::format("{} ({})", name, count));
    std::vector<stats::Duration> after;
    for (const double seconds : f.after_s) after.push_back({seconds, false});
    const stats::Quantile median = stats::quantile(stats::survival(after));
    const auto [least, most] = std::minmax_element(f.kills.begin(), f.kills.end());
    lines += markdown_row({cell.name, fmt::format("{} of {}", f.ended, f.hangs),
                           f.kills.empty() ? "-" : fmt::format("{}-{}", *least, *most),
                           median.seconds ? fmt::format("{:.1f} s", *median.seconds) : "-",
                           who.empty() ? "-" : join(who, ", ")});
  }
  if (lines.empty()) return "";
  return "## SysRq f on a hung guest\n\n| setting | hangs it ended | its kills up to the end | median from "
         "the start of the hang to its end | last victim |\n| --- | --- | --- | --- | --- |\n" +
         lines + "\n";
}

std::string guests_table(const std::vector<CellSummary>& cells) {
  std::string lines;
  for (const CellSummary& cell : cells) {
    if (!cell.boots.homogeneity) continue;
    lines += markdown_row({cell.name, rates_text(cell.boots),
                           fmt::format("{:.2g}{}", cell.boots.homogeneity->p,
                                       cell.boots.homogeneity->exact ? "" : " (simulated)")});
  }
  if (lines.empty()) return "";
  return "| setting | hung, by saved guest | p |\n| --- | --- | --- |\n" + lines;
}

std::string guests_section(const std::vector<CellSummary>& cells) {
  const std::string table = guests_table(cells);
  if (table.empty()) return "";
  return "## By saved guest\n\nRuns that hung, of all runs that were restored from one saved guest. p is "
         "that "
         "of the exact test that all guests have one rate;\nbelow 0.05 the interval of the rate takes "
         "guests as its units.\n\n" +
         table + "\n";
}

std::string times_section(const std::vector<CellSummary>& cells) {
  const std::string table = times_table(cells);
  if (table.empty()) return "";
  return "## How soon\n\nThe number of runs, then the median from the program's start, or from the first "
         "kill.\nA run that ended before is a lower bound. A stall is 1 s or more without progress.\n\n" +
         table + "\n";
}

std::string study_page(const PageInputs& inputs, const std::vector<Row>& rows) {
  const std::vector<CellSummary> all = summarise_all(rows, inputs.names);
  std::vector<CellSummary> shown;
  int runs = 0;
  for (const CellSummary& cell : all) {
    runs += cell.runs;
    const bool of_switches = inputs.switches != nullptr && mask_in(cell.name, inputs.switches->parameter);
    if (!of_switches) shown.push_back(cell);
  }
  std::string text = fmt::format(
      "<!-- SPDX-License-Identifier: GPL-2.0-only -->\n<!-- Made by `{}` from runs.jsonl: change the study, "
      "not this page. -->\n# {}\n\n{}\n\n{} runs. Rates have Clopper-Pearson's 95% interval; durations are "
      "the "
      "product-limit estimate:\na hang that had not ended when watching ended, or into which Hangar sent a "
      "SysRq "
      "key that changes the guest, is a lower bound.\n\n",
      inputs.command, inputs.title, inputs.about, runs);
  text += markdown_table(shown) + "\n" + times_section(shown) + guests_section(shown) + sysrq_section(shown);
  if (inputs.switches != nullptr) text += switches_section(*inputs.switches, rows);
  return text;
}

}  // namespace hangar::compare
