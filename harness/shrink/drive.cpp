// SPDX-License-Identifier: GPL-2.0-only
#include "harness/shrink/drive.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/cancel.h"

namespace hangar::shrink {
namespace {

void add(Search& search, const Event& event) {
  const auto next = search.next();
  if (next && next->kept == event.kept && next->phase == event.phase) search.add(event.seen);
}

class Driver {
 public:
  Driver(Journal& journal, Search& search, Tester& tester, const OnEvent& on_event)
      : journal_(journal), search_(search), tester_(tester), on_event_(on_event) {}

  Result<void> run(const std::function<bool()>& enough) {
    on_event_(search_, nullptr);
    while (const auto next = search_.next()) {
      if (enough()) return {};
      TRY(test(*next));
      if (Cancel::requested()) return interrupted_error();
    }
    return {};
  }

 private:
  Result<void> test(const Next& next) {
    const Setup& setup = journal_.setup();
    const int count = std::min(next.runs, setup.jobs);
    // Each batch has another seed, also after an interruption.
    const std::uint64_t seed = setup.seed * 1000003 + journal_.events().size();
    TRY_ASSIGN(const auto tested, tester_.test(steps_of(setup, next.kept), count, seed));
    for (const Tested& one : tested) TRY(record({next.phase, next.kept, one.seen, one.seconds, one.text}));
    return {};
  }

  Result<void> record(const Event& event) {
    TRY(journal_.add(event));
    add(search_, event);
    on_event_(search_, &event);
    infra_in_row_ = event.seen == Seen::infra ? infra_in_row_ + 1 : 0;
    if (infra_in_row_ < most_infra_in_row) return {};
    return infra_error(fmt::format("the host failed {} runs in a row: {}", infra_in_row_, event.text));
  }

  Journal& journal_;
  Search& search_;
  Tester& tester_;
  const OnEvent& on_event_;
  int infra_in_row_ = 0;
};

}  // namespace

std::vector<int> steps_of(const Setup& setup, const Kept& kept) {
  std::vector<int> steps;
  for (const int position : kept) steps.push_back(setup.steps.at(static_cast<std::size_t>(position)));
  return steps;
}

Search replay(const Setup& setup, const std::vector<Event>& events) {
  Options options;
  options.rate = setup.rate;
  options.max_runs = setup.max_runs;
  Search search(static_cast<int>(setup.steps.size()), options);
  for (const Event& event : events) add(search, event);
  return search;
}

Result<void> drive(Journal& journal, Search& search, Tester& tester, const std::function<bool()>& enough,
                   const OnEvent& on_event) {
  return Driver(journal, search, tester, on_event).run(enough);
}

}  // namespace hangar::shrink
