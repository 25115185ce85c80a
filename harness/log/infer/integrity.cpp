// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/integrity.h"

#include "harness/log/parse/detect.h"

namespace hangar::log {

bool IntegrityWatch::is_mark(const Record& record) {
  return is_elision(record.text) || parse_dropped(record.text).has_value();
}

bool IntegrityWatch::feed(const Record& record, bool hot, const EventSink& sink) {
  const auto say = [&](Damage::Kind kind, std::uint64_t messages) {
    sink(Event{record.line, record.time_s(), Damage{kind, messages}});
  };
  // A record that begins in the middle of a line, behind text that is none of the kernel's, is a console
  // shared with user space; only two stamped messages on one line are interleaving.
  if (record.spliced && record.clock == Clock::printk && spliced_line_ == record.line) {
    say(Damage::Kind::interleaved, 0);
  }
  if (record.spliced && record.clock == Clock::printk) spliced_line_ = record.line;
  if (!hot) return false;
  if (const auto dropped = parse_dropped(record.text)) {
    say(Damage::Kind::dropped, *dropped);
    return true;
  }
  if (is_elision(record.text)) {
    say(Damage::Kind::elided, 0);
    return true;
  }
  return false;
}

}  // namespace hangar::log
