// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/report_words.h"

#include <algorithm>
#include <array>

#include "harness/log/record/prefilter.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// Parts of the words that parsers look for: the text may have the rest of them in other lines.
constexpr std::array<std::string_view, 39> parts = {"oom",
                                                    " process",
                                                    "ut of memory",
                                                    "Task in ",
                                                    "total_vm",
                                                    "BUG",
                                                    "INFO:",
                                                    "panic",
                                                    " lock",
                                                    "LOCKUP",
                                                    " stall",
                                                    " suppressed",
                                                    " fault",
                                                    "Oops",
                                                    "stack ",
                                                    "to handle ",
                                                    "VFS: ",
                                                    "SYZF",
                                                    " error: ",
                                                    "suspicious ",
                                                    "MemAlloc",
                                                    "page allocation ",
                                                    "SysRq",
                                                    "sysrq: ",
                                                    "Freeing unused",
                                                    "systemd[1]:",
                                                    "Linux version ",
                                                    "ainted",
                                                    " dropped",
                                                    "nip",
                                                    "SNIP",
                                                    "lided",
                                                    "mitted",
                                                    "...",
                                                    "race:",
                                                    "task:",
                                                    "PID: ",
                                                    "Pid: ",
                                                    "running task"};

}  // namespace

bool may_be_of_report(std::string_view text) {
  const auto words = engine_words();
  return std::any_of(parts.begin(), parts.end(), [&](auto part) { return contains(text, part); }) ||
         std::any_of(words.begin(), words.end(),
                     [&](const Literal& word) { return contains(text, word.text); });
}

}  // namespace hangar::log
