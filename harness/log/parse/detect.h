// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// Messages that are facts by themselves: SysRq actions, the hung-task, lockup, RCU and workqueue detectors,
// panic, the kernel's banner and the start of init, and marks of lost or elided lines.
namespace hangar::log {

[[nodiscard]] std::optional<SysRq> parse_sysrq(std::string_view text);
[[nodiscard]] std::optional<Lockup> parse_lockup(std::string_view text);
// `warn_alloc: 12 callbacks suppressed`, `Future hung task reports are suppressed`.
[[nodiscard]] std::optional<Suppressed> parse_suppressed(std::string_view text);
// The reason behind "Kernel panic - not syncing".
[[nodiscard]] std::optional<std::string_view> parse_panic(std::string_view text);
// The release in "Linux version 6.1.0 (gcc ...)"; nullopt if the text is not a banner.
[[nodiscard]] std::optional<std::string_view> parse_banner(std::string_view text);
// The release in "CPU: 0 PID: 1 Comm: x Not tainted 6.1.0 #1" or "      Not tainted 6.1.0 #1".
[[nodiscard]] std::optional<std::string_view> parse_taint_release(std::string_view text);
// The build id behind it, where the kernel prints one: `... 6.1.0 #1 1f2e...` (40 hexadecimal digits).
[[nodiscard]] std::optional<std::string_view> parse_build_id(std::string_view text);
[[nodiscard]] bool is_init_start(std::string_view text);
// `** 12 printk messages dropped **`: 12.
[[nodiscard]] std::optional<std::uint64_t> parse_dropped(std::string_view text);
// `(...snipped...)`, `[...]`, `[snip]`, `...`.
[[nodiscard]] bool is_elision(std::string_view text);

enum class Detected : std::uint8_t { nothing, fact, stacks_follow };

// Emits the events of all of these but banner and elision, which the engine needs itself.
[[nodiscard]] Detected detect(const Record& record, const EventSink& sink);

}  // namespace hangar::log
