// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/finding_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::nightly {
namespace {

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

std::string kernel_text(const Kernel& kernel) {
  if (kernel.name.find(kernel.revision) != std::string::npos) return one_line(kernel.name);
  return fmt::format("{}, revision {}", one_line(kernel.name), one_line(kernel.revision));
}

std::string culprit_text(const Finding& finding) {
  const bool answered = finding.bisected && finding.bisected->answer != BisectAnswer::undecided;
  if (!answered && !finding.bisect_error.empty())
    return fmt::format("not found: {}", one_line(finding.bisect_error));
  if (!answered) return "not found yet";
  const Bisected& found = *finding.bisected;
  if (found.answer == BisectAnswer::no_change && !found.base.empty()) {
    return fmt::format("none: {}, the merge base with the last good kernel, is not different",
                       one_line(found.base));
  }
  if (found.answer == BisectAnswer::no_change) return "none: the bisection found no change";
  if (found.answer == BisectAnswer::not_reproduced) return "none: the bisection did not reproduce it";
  const std::string id = found.id.empty() ? "" : ", bisection " + one_line(found.id);
  return fmt::format(
      "{}{} {} ({}{})", found.answer == BisectAnswer::range ? "in a range that ends with " : "",
      one_line(found.culprit), one_line(found.subject), found.verified ? "verified" : "not verified", id);
}

// The runs that show it: those that hit, of the kernel with more hits.
std::string run_ids(const Finding& finding) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> ids;
  for (const Pair& pair : finding.pairs) {
    const Run& run = finding.rose ? pair.bad : pair.good;
    if (run.seen == Seen::hit && ids.size() < shown) ids.push_back(one_line(run.id));
  }
  return ids.empty() ? "none" : join(ids, " ");
}

// How to see it again. `run`: NightlyFile::run.
std::string repeat_line(const Finding& finding, const std::string& run) {
  const Kernel& worse = finding.rose ? finding.bad : finding.good;
  const std::string scenario = shell_word(one_line(finding.series.scenario));
  if (run.empty())
    return fmt::format("hangar run {} --kernel {} --repeat 10", scenario, shell_word(one_line(worse.name)));
  return fmt::format("git checkout {} && HANGAR_SCENARIO={} sh -c {}", shell_word(one_line(worse.revision)),
                     scenario, shell_word(one_line(run)));
}

Statement before_text(const Finding& finding, const Assessment& found) {
  const char* reference = finding.reference == Reference::release ? "the release" : "the last good one";
  return {"before", fmt::format("{} runs failed or hung; {} ({})", counts_text(found.good),
                                kernel_text(finding.good), reference)};
}

Statement change_text(const Finding& finding, const Assessment& found) {
  return {"change",
          fmt::format("{:+.2f} (95% interval {:+.2f} to {:+.2f}), p = {:.2g}, limit {:.2g}", found.difference,
                      found.interval.low, found.interval.high, found.p, finding.terms.level)};
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line = sanitize_for_terminal(text);
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

std::string counts_text(const Tally& tally) {
  return fmt::format("{} of {}", tally.hits, tally.runs);
}

std::string fraction_text(const Tally& tally) {
  return fmt::format("{}/{}", tally.hits, tally.runs);
}

std::string headline_of(const Finding& finding) {
  return fmt::format("{} fails or hangs {} often", one_line(name_of(finding.series)),
                     finding.rose ? "more" : "less");
}

FindingText full_text(const Finding& finding, const std::string& run) {
  const Assessment found = assess(finding.pairs, finding.terms);
  FindingText text{finding.id, headline_of(finding), {}};
  text.statements.push_back(before_text(finding, found));
  text.statements.push_back(
      {"now", fmt::format("{} runs failed or hung; {}", counts_text(found.bad), kernel_text(finding.bad))});
  text.statements.push_back(change_text(finding, found));
  text.statements.push_back({"culprit", culprit_text(finding)});
  text.statements.push_back({"runs", run_ids(finding)});
  text.statements.push_back({"repeat", repeat_line(finding, run), true});
  if (finding.text == TextState::failed)
    text.statements.push_back({"text", "not sent: " + one_line(finding.text_error)});
  if (finding.text == TextState::unknown)
    text.statements.push_back({"text", "perhaps not sent: the process ended while it was sent"});
  return text;
}

FindingText short_text(const Finding& finding) {
  return {finding.id,
          fmt::format("{} since night {}; culprit: {}", headline_of(finding), finding.night,
                      culprit_text(finding)),
          {}};
}

FindingText suspected_text(const Finding& finding) {
  const Assessment found = assess(finding.pairs, finding.terms);
  const std::string ended =
      finding.bisect_error.empty() ? "" : "; not confirmed: " + one_line(finding.bisect_error);
  return {finding.id,
          fmt::format("{}? {} against {} before, p = {:.2g}, limit {:.2g}{}", headline_of(finding),
                      counts_text(found.bad), counts_text(found.good), found.p, finding.terms.level, ended),
          {}};
}

}  // namespace hangar::nightly
