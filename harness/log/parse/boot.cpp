// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/boot.h"

#include "harness/log/parse/detect.h"

namespace hangar::log {
namespace {

// A banner that comes again so early is the console's replay.
constexpr std::int64_t replay_us = 2'000'000;

}  // namespace

bool BootTracker::begins(const Record& record, bool hot) const {
  if (!started_) return true;
  if (goes_back(record.clock, record.time_us)) return true;
  if (!hot || !parse_banner(record.text)) return false;
  // Without printk's clock a banner after init has started is another boot's; before that it may be a replay.
  if (last_us_ < 0) return in_user_space_;
  const bool replay = record.text == banner_ && last_us_ < replay_us;
  return !replay && last_us_ > record.time_us;
}

void BootTracker::start(const Record& record) {
  *this = BootTracker{};
  started_ = true;
  last_line_ = record.line;
}

BootEnded BootTracker::ended() const {
  const bool wall = first_us_ < 0;
  const auto seconds = [](std::int64_t us) {
    return us < 0 ? Seconds{} : Seconds(static_cast<double>(us) / 1e6);
  };
  return BootEnded{seconds(wall ? first_wall_us_ : first_us_), seconds(wall ? last_wall_us_ : last_us_),
                   wall && first_wall_us_ >= 0, !wall || kernel_};
}

std::optional<BootStarted> BootTracker::feed(const Record& record, bool hot) {
  note(record.clock, record.time_us, record.line);
  kernel_ = kernel_ || record.kernel || !record.caller.empty();
  if (!hot) return std::nullopt;
  if (named_) return identify(record);
  if (const auto release = parse_banner(record.text)) {
    named_ = true;
    banner_ = record.text;
    return BootStarted{std::string(*release), true, true, {}};
  }
  if (const auto release = parse_taint_release(record.text)) {
    named_ = true;
    BootStarted named{std::string(*release), false, true, {}};
    if (auto identified = identify(record)) named.build_id = std::move(identified->build_id);
    return named;
  }
  return std::nullopt;
}

// Only reports, long after the banner, have the build ID behind the release.
std::optional<BootStarted> BootTracker::identify(const Record& record) {
  if (identified_) return std::nullopt;
  const auto id = parse_build_id(record.text);
  if (!id) return std::nullopt;
  identified_ = true;
  return BootStarted{{}, false, true, std::string(*id)};
}

}  // namespace hangar::log
