// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/nightly/lab.h"

// A Lab without kernels and guests. Each target is a chain of commits, some per night; a run of a commit
// hangs at its rate, which the machine may change over time. A run's outcome depends on the seed and on the
// name of its step only, so that a step that is repeated has the same outcomes.
namespace hangar::simulated {

struct Truth {
  // The rate of a commit (the first is 0), before the machine's influence.
  std::function<double(const nightly::Series& series, int commit)> rate;
  // What the machine adds to it, at a time in seconds since the first night.
  std::function<double(const nightly::Series& series, double seconds)> drift;
  int commits_per_night = 4;
  double run_s = 60;
  double build_s = 600;
};

class NightlyLab : public nightly::Lab {
 public:
  NightlyLab(Truth truth, std::uint64_t seed) : truth_(std::move(truth)), seed_(seed) {}

  // The next night begins, a day after the one before.
  void begin_night(int night);

  Result<nightly::Fetched> fetch(const nightly::Target& target) override;
  Result<nightly::Built> build(const nightly::Target& target, const std::string& revision) override;
  Result<nightly::Built> build_release(const std::string& kernel) override;
  Result<nightly::Ran> run(const nightly::RunOrder& order) override;
  Result<nightly::Bisected> bisect(const nightly::BisectOrder& order) override;
  Result<void> send(const std::string& text) override;
  bool known_to_hang(const std::string& scenario) override { return known.contains(scenario); }
  double seconds() override { return clock_ + clock_offset; }
  std::string date() override { return date_label.empty() ? std::to_string(night_) : date_label; }
  std::uint64_t free_bytes() override { return free; }

  // Faults.
  std::set<std::string> fetch_fails;  // names of targets
  std::set<std::string> build_fails;
  std::optional<Error> run_error;
  int runs_before_error = 0;
  std::optional<Error> send_error;
  bool bisect_fails = false;
  std::set<std::string> known;     // scenarios in which kernels have hung before the first night
  std::set<std::string> gone;      // names of kernels that cannot be run any more
  std::set<std::string> excluded;  // scenarios whose runs are all excluded
  std::uint64_t free = 1ull << 40;
  double clock_offset = 0;
  std::string date_label;
  std::string subject = "mm: change";
  std::function<void()> on_run;  // before each call of run()

  // What was done.
  std::vector<std::string> sent;
  std::map<std::string, int> steps;  // how often each was run
  int runs = 0;
  std::vector<std::string> ran;  // the steps of all calls of run(), in order
  std::vector<nightly::BisectOrder> bisections;

 protected:
  [[nodiscard]] const Truth& truth() const { return truth_; }
  // A kernel is named TARGET@COMMIT.
  [[nodiscard]] double rate_of(const nightly::Kernel& kernel, const std::string& scenario) const;
  [[nodiscard]] bool hangs(const std::string& step, int index, double rate) const;
  void pass(double seconds) { clock_ += seconds; }

 private:
  Truth truth_;
  std::uint64_t seed_;
  int night_ = 0;
  double clock_ = 0;
};

}  // namespace hangar::simulated
