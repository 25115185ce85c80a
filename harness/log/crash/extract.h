// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "harness/log/crash/report.h"

// Pieces of a title out of a report's first lines, for the rows of crash_table.cpp.
namespace hangar::log {

// The text with numbers, addresses, devices and process names left out, as titles want it.
[[nodiscard]] std::string general_text(std::string_view text);

[[nodiscard]] std::string extract_rest(std::string_view rest, const Report& report, std::size_t header);
[[nodiscard]] std::string extract_word(std::string_view rest, const Report& report, std::size_t header);
// `slab-out-of-bounds in f+0x` and the `Read of size` line: "slab-out-of-bounds Read".
[[nodiscard]] std::string extract_kasan(std::string_view rest, const Report& report, std::size_t header);
// "out-of-bounds read" of KFENCE, "uninit-value" of KMSAN: everything up to ` in `.
[[nodiscard]] std::string extract_until_in(std::string_view rest, const Report& report, std::size_t header);
// The text behind `(Not tainted): `.
[[nodiscard]] std::string extract_behind_taint(std::string_view rest, const Report& report,
                                               std::size_t header);
// The reason of a Rust panic, which is on the line below.
[[nodiscard]] std::string extract_next_line(std::string_view rest, const Report& report, std::size_t header);
// Everything up to ` at `.
[[nodiscard]] std::string extract_until_at(std::string_view rest, const Report& report, std::size_t header);
// The symbol of the line itself; before 4.15 it has an address, and the trace the function.
[[nodiscard]] std::string extract_symbol(std::string_view rest, const Report& report, std::size_t header);
// "bad magic" of `BUG: spinlock bad magic on CPU#0`.
[[nodiscard]] std::string extract_until_on(std::string_view rest, const Report& report, std::size_t header);
// What was leaked, and by which work: "lock or atomic in f".
[[nodiscard]] std::string extract_leaked(std::string_view rest, const Report& report, std::size_t header);
// BUG or WARNING: some of lockdep's reports changed from one to the other in 4.11.
[[nodiscard]] std::string extract_severity(std::string_view rest, const Report& report, std::size_t header);
// The reason of a panic, shortened.
[[nodiscard]] std::string extract_panic(std::string_view rest, const Report& report, std::size_t header);
// "data-race in f / g"
[[nodiscard]] std::string extract_race(std::string_view rest, const Report& report, std::size_t header);
// "unmount of proc proc" of a dentry that is still in use.
[[nodiscard]] std::string extract_bracket(std::string_view rest, const Report& report, std::size_t header);
[[nodiscard]] std::string extract_trusty(std::string_view rest, const Report& report, std::size_t header);

}  // namespace hangar::log
