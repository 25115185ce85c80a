// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Lines that carry a message as data: JSON objects, and the records of /dev/kmsg and netconsole.
namespace hangar::log {

/// A part of a netconsole message: `6,416,1758426,-,ncfrag=16/31;`.
struct Fragment {
  std::string header;  // the same in all parts: `6,416,1758426,-,ncfrag=`
  std::int64_t offset = 0;
  std::int64_t total = 0;
  std::size_t text_at = 0;  // behind the stamp of the peeled line
};

struct Message {
  std::string text;
  std::int64_t printk_us = -1;
  std::int64_t wall_us = -1;
  std::optional<Fragment> fragment;
};

/// `6,1234,5678901,-;text`: level and facility, sequence number, microseconds, flags. netconsole may put the
/// kernel's release in front.
[[nodiscard]] bool unwrap_record(std::string_view line, Message& out);
/// The microseconds of a record that is a whole message.
[[nodiscard]] bool record_time(std::string_view line, std::int64_t& time_us);
/// The string with this key of a JSON object, and the time that one of the other values is.
[[nodiscard]] bool unwrap_json(std::string_view line, const std::string& key, Message& out);
/// The microseconds of the kernel's clock in an object whose message has no stamp: of strings only, without
/// escapes, so that the object need not be taken apart.
[[nodiscard]] bool json_time(std::string_view line, std::string_view key, std::int64_t& time_us);
/// The key whose values are the messages: the one with the most words. Empty if the lines are not JSON.
[[nodiscard]] std::string message_key(const std::vector<std::string_view>& lines);

}  // namespace hangar::log
