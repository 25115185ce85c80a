// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string_view>

#include "harness/log/infer/facts.h"

// One line of a call trace: the frame formats of x86, arm, arm64 and the other architectures since 3.x.
namespace hangar::log {

// A frame of a call trace, from ` ? func+0x1/0x2 [mod]`, `[<addr>] func+0x1/0x2`, `func+0x1/0x2 file.c:12`,
// `func file.c:12 [inline]`; nullopt when the line is none.
[[nodiscard]] std::optional<Frame> parse_frame(std::string_view text);
// The same into `frame`, which is as new; what it holds is of no use when the line is none.
[[nodiscard]] bool parse_frame(std::string_view text, Frame& frame);
// Only ` func+0x12/0x34` or ` ? func+0x12/0x34` and nothing else, in one walk: nearly every frame since 4.15.
// The frame is left alone when the line is none; else its other fields are.
[[nodiscard]] bool plain_frame(std::string_view text, Frame& frame);
// The function in front of the first `+0x1/0x2` of the text; empty when there is none.
[[nodiscard]] std::string_view first_symbol(std::string_view text);

}  // namespace hangar::log
