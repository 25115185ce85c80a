// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/prefilter.h"

#include <algorithm>
#include <array>

#include <hs/hs.h>

#include "harness/log/crash_table.h"
#include "harness/log/scan.h"

namespace hangar::log {
namespace {

// What the parsers besides the crash table look for; each of them names its own in a comment of its source.
constexpr std::array<std::string_view, 40> other_literals = {
    // oom_fields.cpp
    "invoked oom-killer",
    "illed process",
    "ut of memory",
    "oom-kill:",
    "oom_reaper",
    "Task in ",
    "total_vm",
    "no killable",
    // memalloc.cpp
    "MemAlloc",
    "page allocation ",
    // detect.cpp
    "SysRq",
    "sysrq: ",
    " blocked ",
    "soft lockup",
    "LOCKUP",
    "detected stall",
    "self-detected",
    "detected expedited",
    "workqueue lockup",
    "Kernel panic",
    "as init process",
    "Freeing unused",
    "systemd[1]:",
    "Linux version ",
    "messages dropped",
    "message dropped",
    "snip",
    "Snip",
    "SNIP",
    "lided",
    "LIDED",
    "mitted",
    "MITTED",
    "...",
    // stack.cpp: traces and the task lines in front of them
    "race:",
    "task:",
    "PID: ",
    "Pid: ",
    "running task",
    " 0x",
};

hs_database_t* database() {
  static hs_database_t* const compiled = [] {
    const auto literals = engine_literals();
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> flags(literals.size(), 0);
    std::vector<unsigned> ids(literals.size(), 0);
    for (const auto literal : literals) {
      texts.push_back(literal.data());
      sizes.push_back(literal.size());
    }
    hs_database_t* out = nullptr;
    hs_compile_error_t* error = nullptr;
    const auto ret =
        hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                             static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr, &out, &error);
    if (ret != HS_SUCCESS) {  // a processor without SSSE3
      hs_free_compile_error(error);
      out = nullptr;
    }
    return out;
  }();
  return compiled;
}

int on_match(unsigned, unsigned long long, unsigned long long to, unsigned, void* context) {
  auto& ends = *static_cast<std::vector<std::uint64_t>*>(context);
  if (ends.empty() || ends.back() != to) ends.push_back(to);
  return 0;
}

}  // namespace

std::vector<std::string_view> engine_literals() {
  std::vector<std::string_view> all = crash_literals();
  all.insert(all.end(), other_literals.begin(), other_literals.end());
  // A literal that holds another one adds nothing.
  std::vector<std::string_view> out;
  for (const auto literal : all) {
    const bool covered = std::any_of(all.begin(), all.end(), [&](std::string_view other) {
      return other != literal && contains(literal, other);
    });
    if (!covered && std::find(out.begin(), out.end(), literal) == out.end()) out.push_back(literal);
  }
  return out;
}

Prefilter::Prefilter() {
  hs_scratch_t* scratch = nullptr;
  if (database() != nullptr && hs_alloc_scratch(database(), &scratch) == HS_SUCCESS) scratch_ = scratch;
}

Prefilter::~Prefilter() {
  if (scratch_ != nullptr) hs_free_scratch(static_cast<hs_scratch_t*>(scratch_));
}

void Prefilter::scan(std::string_view block) {
  ends_.clear();
  next_ = 0;
  hs_scan(database(), block.data(), static_cast<unsigned>(block.size()), 0,
          static_cast<hs_scratch_t*>(scratch_), on_match, &ends_);
}

}  // namespace hangar::log
