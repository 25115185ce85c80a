// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/night_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::nightly {
namespace {

constexpr std::size_t columns = 72;

// One line of text from outside.
std::string clean(std::string_view text) {
  std::string line = sanitize_for_terminal(text);
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

// Words in lines of at most 72 columns, the first one behind `begin`, the others indented by as much.
std::string paragraph(const std::string& begin, const std::string& text) {
  std::string lines;
  std::string line = begin;
  bool first = true;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!first && line.size() + 1 + word.size() > columns) {
      lines += line + "\n";
      line = std::string(begin.size(), ' ');
      first = true;
    }
    line += first ? "" : " ";
    line += word;
    first = false;
  }
  return lines + line + "\n";
}

std::string labelled(const char* label, const std::string& text) {
  return paragraph(fmt::format("    {:<9}", label), text);
}

std::string counts(const Tally& tally) {
  return fmt::format("{} of {}", tally.hits, tally.runs);
}

// A word of a shell's command line.
std::string shell_word(const std::string& text) {
  const auto plain = [](unsigned char byte) {
    return std::isalnum(byte) != 0 ||
           std::string_view("+-./:=@_,").find(static_cast<char>(byte)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char byte : text) quoted += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
  return quoted + "'";
}

std::string headline(const Finding& finding) {
  return fmt::format("{} fails or hangs {} often", clean(name_of(finding.series)),
                     finding.rose ? "more" : "less");
}

std::string kernel_text(const Kernel& kernel) {
  if (kernel.name.find(kernel.revision) != std::string::npos) return clean(kernel.name);
  return fmt::format("{}, revision {}", clean(kernel.name), clean(kernel.revision));
}

std::string culprit_text(const Finding& finding) {
  const bool answered = finding.bisected && finding.bisected->answer != BisectAnswer::undecided;
  if (!answered && !finding.bisect_error.empty())
    return fmt::format("not found: {}", clean(finding.bisect_error));
  if (!answered) return "not found yet";
  const Bisected& found = *finding.bisected;
  if (found.answer == BisectAnswer::no_change && !found.base.empty()) {
    return fmt::format("none: {}, the merge base with the last good kernel, is not different",
                       clean(found.base));
  }
  if (found.answer == BisectAnswer::no_change) return "none: the bisection found no change";
  if (found.answer == BisectAnswer::not_reproduced) return "none: the bisection did not reproduce it";
  const std::string id = found.id.empty() ? "" : ", bisection " + clean(found.id);
  return fmt::format(
      "{}{} {} ({}{})", found.answer == BisectAnswer::range ? "in a range that ends with " : "",
      clean(found.culprit), clean(found.subject), found.verified ? "verified" : "not verified", id);
}

// The runs that show it: those that hit, of the kernel with more hits.
std::string run_ids(const Finding& finding) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> ids;
  for (const Pair& pair : finding.pairs) {
    const Run& run = finding.rose ? pair.bad : pair.good;
    if (run.seen == Seen::hit && ids.size() < shown) ids.push_back(clean(run.id));
  }
  return ids.empty() ? "none" : join(ids, " ");
}

std::string evidence(const Finding& finding) {
  const Assessment found = assess(finding.pairs, finding.terms);
  return labelled(
             "before:",
             fmt::format("{} runs failed or hung; {} ({})", counts(found.good), kernel_text(finding.good),
                         finding.reference == Reference::release ? "the release" : "the last good one")) +
         labelled("now:",
                  fmt::format("{} runs failed or hung; {}", counts(found.bad), kernel_text(finding.bad))) +
         labelled("change:",
                  fmt::format("{:+.2f} (95% interval {:+.2f} to {:+.2f}), p = {:.2g}, limit {:.2g}",
                              found.difference, found.interval.low, found.interval.high, found.p,
                              finding.terms.level));
}

// How to see it again. `run`: NightlyFile::run.
std::string repeat_line(const Finding& finding, const std::string& run) {
  const Kernel& worse = finding.rose ? finding.bad : finding.good;
  const std::string scenario = shell_word(clean(finding.series.scenario));
  if (run.empty())
    return fmt::format("hangar run {} --kernel {} --repeat 10", scenario, shell_word(clean(worse.name)));
  return fmt::format("git checkout {} && HANGAR_SCENARIO={} sh -c {}", shell_word(clean(worse.revision)),
                     scenario, shell_word(clean(run)));
}

// "": it was sent, or there is nothing to send.
std::string unsent_text(const Finding& finding) {
  if (finding.text == TextState::failed)
    return labelled("text:", fmt::format("not sent: {}", clean(finding.text_error)));
  if (finding.text != TextState::unknown) return "";
  return labelled("text:", "perhaps not sent: the process ended while it was sent");
}

std::string full_text(const Finding& finding, const std::string& run) {
  return paragraph(fmt::format("  {:<6} ", finding.id), headline(finding)) + evidence(finding) +
         labelled("culprit:", culprit_text(finding)) + labelled("runs:", run_ids(finding)) +
         fmt::format("    {:<9}{}\n", "repeat:", repeat_line(finding, run)) + unsent_text(finding);
}

std::string short_text(const Finding& finding) {
  return paragraph(
      fmt::format("  {:<6} ", finding.id),
      fmt::format("{} since night {}; culprit: {}", headline(finding), finding.night, culprit_text(finding)));
}

std::string suspected_text(const Finding& finding) {
  const Assessment found = assess(finding.pairs, finding.terms);
  return paragraph(fmt::format("  {:<6} ", finding.id),
                   fmt::format("{}? {} against {} before, p = {:.2g}, limit {:.2g}", headline(finding),
                               counts(found.bad), counts(found.good), found.p, finding.terms.level));
}

template <typename Write>
std::string section(const char* title, const std::vector<Finding>& findings, Write&& write) {
  if (findings.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (const Finding& finding : findings) text += write(finding);
  return text;
}

// Series with one reason are one paragraph.
std::string not_tested_text(const std::vector<NotTested>& all) {
  if (all.empty()) return "";
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const NotTested& one : all) {
    const auto found = std::find_if(reasons.begin(), reasons.end(),
                                    [&](const auto& reason) { return reason.first == one.reason; });
    auto& names = found == reasons.end() ? reasons.emplace_back(one.reason, std::vector<std::string>()).second
                                         : found->second;
    names.push_back(clean(name_of(one.series)));
  }
  std::string text = "\nNot tested\n";
  for (const auto& [reason, names] : reasons)
    text += paragraph("  ", fmt::format("{}: {}", clean(reason), join(names, ", ")));
  return text;
}

std::string row_text(const SeriesRow& row) {
  std::vector<std::string> before;
  for (const Tally& tally : row.before) before.push_back(fmt::format("{}/{}", tally.hits, tally.runs));
  const std::string excluded =
      row.tonight.excluded == 0 ? "" : fmt::format(", {} excluded", row.tonight.excluded);
  const std::string release =
      row.release ? fmt::format("; release {}/{}", row.release->hits, row.release->runs) : "";
  const std::string moved = row.decision == DecisionKind::moved ? "; the machine changed its rate" : "";
  return paragraph("  ", fmt::format("{}: {} runs failed or hung{}; before {}{}{}",
                                     clean(name_of(row.series)), counts(row.tonight), excluded,
                                     before.empty() ? "nothing" : join(before, " "), release, moved));
}

std::string target_text(const TargetNight& target) {
  if (target.kernel) {
    const std::string what =
        fmt::format("{}: {}, {} {}", clean(target.name), target.changed ? "new" : "as before",
                    clean(target.revision), clean(target.subject));
    return paragraph("  ", what);
  }
  const std::string failed = to_string(target.failed.value_or(Failed::build));
  return paragraph("  ", fmt::format("{}: {} failed: {}", clean(target.name), failed, clean(target.reason)));
}

}  // namespace

std::string summary_of(const Report& report) {
  return fmt::format("{}: {} new, {} open, {} suspected, {} not tested", to_string(report.result),
                     report.found.size(), report.open.size(), report.suspected.size(),
                     report.night.not_tested.size());
}

std::string night_text(const Report& report) {
  const auto full = [&](const Finding& finding) { return full_text(finding, report.run); };
  std::string text =
      paragraph("", fmt::format("hangar nightly {}, night {}, {}: {} of {}", report.name, report.night.number,
                                clean(report.night.date), format_seconds(report.night.spent_s),
                                format_seconds(report.budget_s))) +
      paragraph("", summary_of(report));
  if (!report.night.stopped.empty())
    text += paragraph("", fmt::format("The night ended early: {}", clean(report.night.stopped)));
  text += section("New", report.found, full);
  text += section("Open", report.open, short_text);
  text += section("Fixed tonight", report.fixed, short_text);
  text += section("Suspected, not confirmed", report.suspected, suspected_text);
  text += section("Suspected tonight, and cleared", report.cleared, suspected_text);
  text += not_tested_text(report.night.not_tested);
  text += "\nTargets\n";
  for (const TargetNight& target : report.night.targets) text += target_text(target);
  if (!report.rows.empty()) text += "\nRuns tonight, and on the nights before\n";
  for (const SeriesRow& row : report.rows) text += row_text(row);
  return text;
}

std::string text_about(const NightlyFile& file, int night, const std::vector<Finding*>& findings) {
  const std::string what =
      findings.size() == 1 ? headline(*findings.front()) : fmt::format("{} new findings", findings.size());
  std::string text = paragraph("", fmt::format("hangar nightly {}: {}", file.name, what));
  for (const Finding* finding : findings) text += "\n" + full_text(*finding, file.run);
  if (file.reports.empty()) return text;
  return text + fmt::format("\nThe report of this night: {}\n",
                            clean((file.reports / fmt::format("night-{}.txt", night)).string()));
}

}  // namespace hangar::nightly
