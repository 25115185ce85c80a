// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/status_line.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::cli {
namespace {

// A beat or a round of the probe is due each second.
constexpr double fresh_s = 2;
// A name that is cut to fewer bytes is not recognised.
constexpr std::size_t least_name = 12;
constexpr std::size_t ellipsis_bytes = 3;

std::string age(const std::optional<double>& age_s) {
  if (!age_s) return "-";
  return *age_s < fresh_s ? "ok" : fmt::format("silent {:.0f} s", *age_s);
}

std::string short_age(const std::optional<double>& age_s) {
  if (!age_s || *age_s < fresh_s) return age(age_s);
  return fmt::format("{:.0f}s", *age_s);
}

std::string kills(const run::Status& status, const char* kind) {
  return fmt::format("{} {}kill{}", status.oom_kills, kind, status.oom_kills == 1 ? "" : "s");
}

// From the longest to the shortest, without the cell's name.
std::vector<std::string> forms(const run::Status& status) {
  // The worker's words: those of its notes may be the guest's.
  const std::string phase = sanitize_for_terminal(status.phase);
  const std::string when = fmt::format("{:.0f} s, {}", status.time_s, phase);
  const std::string state = fmt::format("pulse {}, probe {}, {}", age(status.pulse_age_s),
                                        age(status.probe_age_s), kills(status, "OOM "));
  const std::string brief = fmt::format("pulse {}, probe {}, {}", short_age(status.pulse_age_s),
                                        short_age(status.probe_age_s), kills(status, ""));
  const std::string note = status.note.empty() ? "" : ", " + sanitize_for_terminal(status.note);
  return {fmt::format("{}, guest up {:.1f} s, {}{}", when, status.guest_s, state, note),
          fmt::format("{}, {}{}", when, state, note),
          fmt::format("{}, {}", when, state),
          fmt::format("{}, {}", when, brief),
          fmt::format("{}, {}", phase, brief),
          brief};
}

// The name goes in front while it can be recognised; otherwise the words without it.
std::optional<std::string> with_name(const std::string& name, const std::string& words, std::size_t width) {
  const std::size_t used = words.size() + 2;
  if (used + name.size() <= width) return name + ": " + words;
  if (used + least_name + ellipsis_bytes > width) return std::nullopt;
  return ellipsize(name, width - used - ellipsis_bytes + 1) + ": " + words;
}

}  // namespace

std::string status_line(const std::string& cell, const run::Status& status, std::size_t width) {
  const std::string name = sanitize_for_terminal(cell);
  const std::vector<std::string> all = forms(status);
  constexpr std::size_t name_is_cut_from = 2;  // uptime and note go before letters of the name do
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < name_is_cut_from && all[i].size() + 2 + name.size() > width) continue;
    if (auto line = with_name(name, all[i], width)) return *line;
    if (all[i].size() <= width && i >= name_is_cut_from) return all[i];
  }
  return ellipsize(all.back(), width);
}

}  // namespace hangar::cli
