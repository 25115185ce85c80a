// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Programs and logs in the text of a mail.
namespace hangar::mail {

struct FoundPrograms {
  std::vector<std::string> texts;
  std::vector<std::string> notes;  // a start without its end, and the like
};
// The text between the lines "---- Reproducer start ----" and "---- Reproducer end ----", quoted or not.
[[nodiscard]] FoundPrograms find_programs(std::string_view body);

// It has a main() with a body.
[[nodiscard]] bool looks_like_c(std::string_view text);

// All lines with printk's time stamps, and the snips between them; "" when there are fewer than three.
[[nodiscard]] std::string find_log(std::string_view body);

}  // namespace hangar::mail
