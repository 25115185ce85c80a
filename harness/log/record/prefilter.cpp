// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/prefilter.h"

#include <algorithm>
#include <array>
#include <bit>

#include "harness/log/crash/crash_table.h"
#include "harness/log/record/scan.h"
#include "harness/log/record/stamp.h"

namespace hangar::log {
namespace {

// Parts of the words, of which each word has one: the buckets of KeySearch. Chosen by trial so that few other
// places in boot logs, syslogs and reports look like a key of a bucket (3400 per MB; 1500 of these are
// words). A word without a key here is found by its beginning.
constexpr std::array<std::string_view, KeySearch::buckets> chosen_keys = {
    "UBSAN|mAllo|nt3: |usage|eral |nsafe|VFS: |e_che",
    "md[1]|sty: |cted |vide |vide_|ft lo|'t di",
    "PID: |Pid: |l err|doubl|ice: ",
    "...|BUG |SNIP|BUG: |INFO:|YZFAI|ING: |YZFAT|nux v",
    "SysRq|task:|sysrq|Task |tal_v|ut of|tack |id op|lock ",
    "race:|roppe|resse|roces|ge al|has l",
    "lided|inted|mitte|nning|g unu|gnmen|g det|icked|ncing|y ino|icien|y det",
    "nip|oom|Oops:|Oops |ndled|ndle "};

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
    Literal{" as init process", for_init},
    Literal{"Freeing unused", for_init},
    Literal{"systemd[1]:", for_init},
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

// A word and where its key is in it.
struct Around {
  std::string_view word;
  std::size_t key_at = 0;
  Interest interest = 0;
};

// Compared eight bytes at once.
struct Key {
  std::string_view text;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  std::vector<Around> words;
};

Key make_key(std::string_view text) {
  std::array<char, sizeof(std::uint64_t)> mask{};
  std::array<char, sizeof(std::uint64_t)> value{};
  std::fill_n(mask.begin(), text.size(), '\xff');
  std::copy(text.begin(), text.end(), value.begin());
  return {text, stamp::eight_bytes(mask.data()), stamp::eight_bytes(value.data()), {}};
}

// What is searched for, and what it may be a part of.
class Words {
 public:
  Words() {
    for (unsigned bucket = 0; bucket < KeySearch::buckets; ++bucket) {
      for (const auto text : split(chosen_keys[bucket], '|')) buckets_[bucket].push_back(make_key(text));
    }
    unsigned number = 0;
    for (const Literal& word : engine_words()) {
      Key& key = key_of(word.text, number++ % KeySearch::buckets);
      key.words.push_back({word.text, word.text.find(key.text), word.interest});
    }
    for (unsigned bucket = 0; bucket < KeySearch::buckets; ++bucket) {
      std::erase_if(buckets_[bucket], [](const Key& key) { return key.words.empty(); });
      for (const Key& key : buckets_[bucket]) search_.add(key.text, bucket);
    }
  }
  [[nodiscard]] const KeySearch& search() const { return search_; }
  [[nodiscard]] Interest interest_at(std::string_view block, KeySearch::Candidate candidate) const;

 private:
  Key& key_of(std::string_view word, unsigned bucket_of_others) {
    for (auto& bucket : buckets_) {
      for (Key& key : bucket) {
        if (contains(word, key.text)) return key;
      }
    }
    return buckets_[bucket_of_others].emplace_back(make_key(word.substr(0, KeySearch::longest)));
  }

  std::array<std::vector<Key>, KeySearch::buckets> buckets_;
  KeySearch search_;
};

// What the words mean that have their key at `at`.
Interest interest_of(const Key& key, std::string_view block, std::size_t at) {
  Interest out = 0;
  for (const Around& one : key.words) {
    if (at < one.key_at || (one.interest & ~out) == 0) continue;
    if (block.substr(at - one.key_at).starts_with(one.word)) out |= one.interest;
  }
  return out;
}

std::uint64_t eight_bytes_of(std::string_view text) {
  if (text.size() >= sizeof(std::uint64_t)) return stamp::eight_bytes(text.data());
  std::array<char, sizeof(std::uint64_t)> bytes{};
  std::copy(text.begin(), text.end(), bytes.begin());
  return stamp::eight_bytes(bytes.data());
}

Interest Words::interest_at(std::string_view block, KeySearch::Candidate candidate) const {
  const std::uint64_t bytes = eight_bytes_of(block.substr(candidate.at));
  Interest out = 0;
  for (unsigned left = candidate.buckets; left != 0; left &= left - 1) {
    for (const Key& key : buckets_[static_cast<unsigned>(std::countr_zero(left))]) {
      if ((bytes & key.mask) == key.value) out |= interest_of(key, block, candidate.at);
    }
  }
  return out;
}

const Words& all_words() {
  static const Words all;
  return all;
}

}  // namespace

std::vector<Literal> engine_words() {
  std::vector<Literal> all(words.begin(), words.end());
  for (const auto text : crash_literals()) all.push_back({text, for_crash});
  return all;
}

void Prefilter::scan(std::string_view block) {
  matches_.clear();
  candidates_.clear();
  next_ = 0;
  const Words& all = all_words();
  all.search().find(block, candidates_);
  for (const auto& candidate : candidates_) {
    const Interest interest = all.interest_at(block, candidate);
    if (interest != 0) matches_.push_back({candidate.at + std::size_t{1}, interest});
  }
}

}  // namespace hangar::log
