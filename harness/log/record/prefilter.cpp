// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/prefilter.h"

#include <algorithm>
#include <array>

#include <hs/hs.h>

#include "harness/log/crash/crash_table.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// What the parsers look for, wider than their words where one literal covers several: up to 48 of
// them Hyperscan searches in its fastest way (Teddy; 3.0 GB/s with 48 and 1.6 GB/s with 71, measured on a
// boot's log). What the crash table looks for and none of these holds comes on top.
constexpr std::array wide_literals = {
    Literal{"oom", for_oom},
    Literal{" process", for_oom | for_detect},
    Literal{"ut of memory", for_oom},
    Literal{"Task in ", for_oom},
    Literal{"total_vm", for_oom},
    Literal{"BUG", for_crash | for_detect},
    Literal{"INFO:", for_crash | for_detect},
    Literal{"panic", for_crash | for_detect | for_oom},
    Literal{" lock", for_crash | for_detect},
    Literal{"LOCKUP", for_crash | for_detect},
    Literal{" stall", for_crash | for_detect},
    Literal{" suppressed", for_detect},
    Literal{" fault", for_crash},
    Literal{"Oops", for_crash},
    Literal{"stack ", for_crash},
    Literal{"to handle ", for_crash},
    Literal{"VFS: ", for_crash},
    Literal{"SYZF", for_crash},
    Literal{" error: ", for_crash},
    Literal{"suspicious ", for_crash},
    Literal{"MemAlloc", for_memalloc},
    Literal{"page allocation ", for_memalloc},
    Literal{"SysRq", for_detect},
    Literal{"sysrq: ", for_detect},
    Literal{"Freeing unused", for_detect},
    Literal{"systemd[1]:", for_detect},
    Literal{"Linux version ", for_boot},
    Literal{"ainted", for_boot},
    Literal{" dropped", for_integrity},
    Literal{"nip", for_integrity},
    Literal{"SNIP", for_integrity},
    Literal{"lided", for_integrity},
    Literal{"mitted", for_integrity},
    Literal{"...", for_integrity},
    Literal{"race:", for_stack},
    Literal{"task:", for_stack},
    Literal{"PID: ", for_stack | for_boot | for_oom},
    Literal{"Pid: ", for_boot | for_oom},
    Literal{"running task", for_stack},
};

hs_database_t* database() {
  static hs_database_t* const compiled = [] {
    const auto literals = engine_literals();
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> flags(literals.size(), 0);
    std::vector<unsigned> ids;  // the interest itself
    for (const auto& literal : literals) {
      texts.push_back(literal.text.data());
      sizes.push_back(literal.text.size());
      ids.push_back(literal.interest);
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

int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  static_cast<std::vector<Prefilter::Match>*>(context)->push_back({to, id});
  return 0;
}

}  // namespace

std::vector<Literal> engine_literals() {
  std::vector<Literal> all(wide_literals.begin(), wide_literals.end());
  for (const auto text : crash_literals()) all.push_back({text, for_crash});
  // A literal that holds another one for the same parsers adds nothing.
  std::vector<Literal> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool covered = false;
    for (std::size_t k = 0; k < all.size() && !covered; ++k) {
      const bool same = all[k].text == all[i].text;
      if (k == i || (same && k > i)) continue;
      covered = contains(all[i].text, all[k].text) && (all[i].interest & ~all[k].interest) == 0;
    }
    if (!covered) out.push_back(all[i]);
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
  matches_.clear();
  next_ = 0;
  hs_scan(database(), block.data(), static_cast<unsigned>(block.size()), 0,
          static_cast<hs_scratch_t*>(scratch_), on_match, &matches_);
}

}  // namespace hangar::log
