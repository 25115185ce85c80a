// SPDX-License-Identifier: GPL-2.0-only
// How many titles depend on a rule that no other report needs: without that report the rule would not be
// there. What remains is an estimate for reports that were not seen.
//   leave_one_out CORPUS [SOURCE...]
// With kernel sources the rows of place.cpp are left out too. Reports that are kept aside are not read.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "harness/log/crash/rules.h"
#include "tests/functions/verdicts.h"
#include "tests/samples.h"

namespace hangar {
namespace {

using Samples = std::vector<samples::Sample>;
using Titles = std::vector<bool>;

struct Defined {
  functions::Definition function;
  std::string path;
};

Samples seen(const std::string& folder) {
  Samples all = samples::read_samples(folder);
  std::erase_if(all, [](const samples::Sample& one) { return one.part == samples::Part::aside; });
  return all;
}

Titles right(const Samples& all) {
  Titles out;
  for (const auto& one : all) out.push_back(samples::first_crash(one.log).title == one.title);
  return out;
}

// The functions whose names occur in the logs.
std::vector<Defined> defined(const Samples& all, int count, char** sources) {
  std::set<std::string> names;
  for (const auto& one : all) {
    std::string name;
    for (const char c : one.log) {
      const bool word =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      if (word) name += c;
      if (!word && !name.empty()) names.insert(std::exchange(name, {}));
    }
  }
  std::vector<Defined> out;
  for (int i = 0; i < count; ++i) {
    functions::add_source(sources[i], [&](const functions::Definition& one, const std::string& path) {
      if (names.contains(one.name)) out.push_back({one, path});
    });
  }
  return out;
}

// Counts what is wrong without one rule.
class Losses {
 public:
  Losses(const Samples& all, const Titles& whole) : all_(all), whole_(whole) {}

  void without(const log::Rule& rule) {
    log::measurement().left_out = rule.row;
    const auto titles = right(all_);
    log::measurement().left_out = nullptr;
    std::vector<std::size_t> lost;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (whole_[i] && !titles[i]) lost.push_back(i);
    }
    ++rules;
    unneeded += lost.empty() ? 1 : 0;
    if (lost.size() == 1) single_[lost.front()] += "  " + rule.name;
  }
  [[nodiscard]] std::size_t depend_on_one() const { return single_.size(); }
  void print() const {
    for (const auto& [at, names] : single_) fmt::print("{:>5} {}:{}\n", all_[at].name, all_[at].title, names);
  }

  std::size_t rules = 0;
  std::size_t unneeded = 0;

 private:
  const Samples& all_;
  const Titles& whole_;
  std::map<std::size_t, std::string> single_;
};

void leave_out_places(const std::vector<Defined>& functions, Losses& losses) {
  for (const auto& rule : log::place_rules()) {
    log::measurement().left_out = rule.row;
    functions::Found found;
    for (const auto& one : functions) functions::add_definition(one.function, one.path, found);
    const auto packed = log::pack_functions(functions::infrastructure(found));
    const log::FunctionTable table{packed.bytes, packed.kinds, packed.blocks};
    log::measurement().functions = &table;
    losses.without(rule);
    log::measurement().functions = nullptr;
  }
}

void measure(const Samples& all, int count, char** sources) {
  const auto whole = right(all);
  Losses blame(all, whole);
  for (const auto& rule : log::name_rules()) blame.without(rule);
  if (count > 0) leave_out_places(defined(all, count, sources), blame);
  Losses classes(all, whole);
  for (const auto& rules : {log::class_rules(), log::warning_rules()}) {
    for (const auto& rule : rules) classes.without(rule);
  }
  blame.print();
  classes.print();
  const auto titles = static_cast<std::size_t>(std::count(whole.begin(), whole.end(), true));
  fmt::print("{} of {} titles; {} depend on a rule of blame that no other report needs, {} on a class\n",
             titles, all.size(), blame.depend_on_one(), classes.depend_on_one());
  fmt::print("rules of blame: {}, of them {} that no title needs; classes: {}, {}\n", blame.rules,
             blame.unneeded, classes.rules, classes.unneeded);
}

}  // namespace
}  // namespace hangar

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: leave_one_out CORPUS [SOURCE...]\n");
    return 2;
  }
  try {
    hangar::measure(hangar::seen(argv[1]), argc - 2, argv + 2);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "leave_one_out: {}\n", error.what());
    return 1;
  }
}
