// SPDX-License-Identifier: GPL-2.0-only
#include "tests/nightly_lab.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/bisect/search.h"

namespace hangar::simulated {
namespace {

constexpr double day_s = 86400;

// "mainline@12"
std::string kernel_name(const std::string& target, int commit) {
  return fmt::format("{}@{}", target, commit);
}
int commit_of(const nightly::Kernel& kernel) {
  return std::atoi(std::string(split(kernel.name, '@').back()).c_str());
}
std::string target_of(const nightly::Kernel& kernel) {
  return std::string(split(kernel.name, '@').front());
}

// 0 to 1, from a text (FNV-1a and the finalizer of SplitMix64).
double uniform(std::uint64_t seed, std::string_view text, int index) {
  std::uint64_t hash = 1469598103934665603ull ^ (seed * 0x9E3779B97F4A7C15ull);
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ull;
  hash += 0x9E3779B97F4A7C15ull * (static_cast<std::uint64_t>(index) + 1);
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
  hash ^= hash >> 31;
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

}  // namespace

void NightlyLab::begin_night(int night) {
  night_ = night;
  clock_ = std::max(clock_, night * day_s);
}

Result<nightly::Fetched> NightlyLab::fetch(const nightly::Target& target) {
  clock_ += 10;
  if (fetch_fails.contains(target.name))
    return user_error(fmt::format("the branch `{}` does not exist in {}", target.branch, target.source));
  return nightly::Fetched{std::to_string(night_ * truth_.commits_per_night), subject};
}

Result<nightly::Built> NightlyLab::build(const nightly::Target& target, const std::string& revision) {
  clock_ += truth_.build_s;
  if (build_fails.contains(target.name)) return user_error("mm/oom_kill.c:1: error");
  const std::string name = kernel_name(target.name, std::atoi(revision.c_str()));
  return nightly::Built{{name, revision, name}, truth_.build_s};
}

Result<nightly::Built> NightlyLab::build_release(const std::string& kernel) {
  if (build_fails.contains("release")) return user_error("no such kernel: " + kernel);
  const std::string name = kernel_name("release", 0);
  return nightly::Built{{name, kernel, name}, 0};
}

double NightlyLab::rate_of(const nightly::Kernel& kernel, const std::string& scenario) const {
  const nightly::Series series{target_of(kernel), scenario};
  const double drift = truth_.drift ? truth_.drift(series, clock_) : 0;
  return std::clamp(truth_.rate(series, commit_of(kernel)) + drift, 0.0, 1.0);
}

bool NightlyLab::hangs(const std::string& step, int index, double rate) const {
  return uniform(seed_, step, index) < rate;
}

Result<nightly::Ran> NightlyLab::run(const nightly::RunOrder& order) {
  if (on_run) on_run();
  if (gone.contains(order.kernel.name)) return unavailable_error(order.kernel.name + " is gone");
  if (run_error && runs_before_error-- <= 0) return *run_error;
  ++steps[order.step];
  ran.push_back(order.step);
  nightly::Ran done;
  for (int i = 0; i < order.runs; ++i) {
    const bool hit = hangs(order.step, i, rate_of(order.kernel, order.scenario));
    nightly::Seen seen = hit ? nightly::Seen::hit : nightly::Seen::miss;
    if (excluded.contains(order.scenario)) seen = nightly::Seen::excluded;
    done.runs.push_back({fmt::format("{}#{}", order.step, i), seen, ""});
    clock_ += truth_.run_s;
    ++runs;
  }
  done.seconds = order.runs * truth_.run_s;
  return done;
}

// The search of harness/bisect on the commits in between.
Result<nightly::Bisected> NightlyLab::bisect(const nightly::BisectOrder& order) {
  bisections.push_back(order);
  if (bisect_fails) return infra_error("git failed");
  const int good = commit_of(order.good);
  const int bad = commit_of(order.bad);
  bisect::Search search(bisect::Graph::chain(bad - good + 1), {});
  const double end = clock_ + order.budget_s;
  for (int i = 0; !search.decision().finished && clock_ < end; ++i) {
    const auto next = search.next({});
    if (next.empty()) break;
    const double rate = rate_of({kernel_name(order.target, good + next[0]), "", ""}, order.scenario);
    const bool hit = hangs(order.step, i, rate) != order.fixed;
    TRY(search.add({next[0], hit ? bisect::Evidence::hit : bisect::Evidence::miss}));
    clock_ += truth_.run_s;
  }
  nightly::Bisected found;
  found.id = order.step;
  if (search.decision().answer != bisect::Answer::culprit) return found;
  found.answer = nightly::BisectAnswer::culprit;
  found.culprit = std::to_string(good + search.decision().candidates.front());
  found.subject = subject;
  found.verified = true;
  return found;
}

Result<void> NightlyLab::send(const std::string& text) {
  if (send_error) return *send_error;
  sent.push_back(text);
  return {};
}

}  // namespace hangar::simulated
