// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/prefilter.h"

#include <algorithm>
#include <array>

#include <hs/hs.h>

#include "harness/log/crash/crash_table.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// What Hyperscan looks for: up to 48 literals it searches in its fastest way (Teddy; 3.0 GB/s with 48 and
// 1.6 GB/s with 71, measured on a boot's log). So one of them covers several words.
constexpr std::array<std::string_view, 39> wide_literals = {"oom",
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

// What the parsers look for. What the crash table looks for comes on top.
constexpr std::array words = {
    Literal{"oom", for_oom},
    Literal{"Killed process ", for_oom},
    Literal{"Kill process ", for_oom},
    Literal{"no killable processes", for_oom},
    Literal{"ut of memory", for_oom},
    Literal{"Task in ", for_oom},
    Literal{"total_vm", for_oom},
    Literal{"INFO: task ", for_crash | for_detect},
    Literal{"Kernel panic - not syncing", for_detect | for_oom},
    Literal{"soft lockup - CPU#", for_detect},
    Literal{"BUG: workqueue lockup - pool", for_detect},
    Literal{"detected hard LOCKUP", for_detect},
    Literal{"detected stall", for_detect},
    Literal{"detected expedited stalls", for_detect},
    Literal{" suppressed", for_detect},
    Literal{"MemAlloc", for_memalloc},
    Literal{"page allocation ", for_memalloc},
    Literal{"SysRq", for_detect},
    Literal{"sysrq: ", for_detect},
    Literal{" as init process", for_detect},
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

// A word and where a literal that covers it ends in it.
struct Around {
  std::string_view word;
  std::size_t end = 0;
  Interest interest = 0;
};

// For each of engine_literals(): the words that it is a part of.
using Covered = std::vector<std::vector<Around>>;

const Covered& covered() {
  static const Covered all = [] {
    const auto literals = engine_literals();
    Covered out(literals.size());
    for (const auto& word : engine_words()) {
      std::size_t i = 0;
      while (!contains(word.text, literals[i])) ++i;
      out[i].push_back({word.text, word.text.find(literals[i]) + literals[i].size(), word.interest});
    }
    return out;
  }();
  return all;
}

// What the words mean that are where the literal was found, which ends at `end`.
Interest interest_at(std::string_view block, std::size_t end, const std::vector<Around>& around) {
  Interest out = 0;
  for (const Around& one : around) {
    if (end < one.end || (one.interest & ~out) == 0) continue;
    if (block.substr(end - one.end).starts_with(one.word)) out |= one.interest;
  }
  return out;
}

hs_database_t* database() {
  static hs_database_t* const compiled = [] {
    const auto literals = engine_literals();
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> flags(literals.size(), 0);
    std::vector<unsigned> ids;
    for (const auto literal : literals) {
      ids.push_back(static_cast<unsigned>(ids.size()));
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

struct Search {
  std::string_view block;
  const Covered& covered;
  std::vector<Prefilter::Match>& matches;
};

int on_match(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  const auto& search = *static_cast<const Search*>(context);
  const auto interest = interest_at(search.block, to, search.covered[id]);
  if (interest != 0) search.matches.push_back({to, interest});
  return 0;
}

}  // namespace

std::vector<Literal> engine_words() {
  std::vector<Literal> all(words.begin(), words.end());
  for (const auto text : crash_literals()) all.push_back({text, for_crash});
  return all;
}

std::vector<std::string_view> engine_literals() {
  std::vector<std::string_view> all(wide_literals.begin(), wide_literals.end());
  for (const auto& word : engine_words()) all.push_back(word.text);
  // A literal that holds another one adds nothing.
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool adds = true;
    for (std::size_t k = 0; k < all.size() && adds; ++k)
      adds = k == i || !contains(all[i], all[k]) || (all[i] == all[k] && i < k);
    if (adds) out.push_back(all[i]);
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
  Search search{block, covered(), matches_};
  hs_scan(database(), block.data(), static_cast<unsigned>(block.size()), 0,
          static_cast<hs_scratch_t*>(scratch_), on_match, &search);
}

}  // namespace hangar::log
