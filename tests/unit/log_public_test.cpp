// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "harness/base/yaml.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/contents.h"
#include "harness/log/render/merge.h"
#include "tests/places.h"

// Logs as people paste them, each with the facts that were read from it by eye: how many of the facts are
// found. The logs lie beside the checkout and are not part of it.
namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;

class Tally {
 public:
  Tally(std::string name, const Boot& boot) : name_(std::move(name)), boot_(boot) {}
  void check(bool found, const std::string& fact) {
    ++facts_;
    found_ += found ? 1 : 0;
    if (!found) fmt::print("{}: missing: {}\n", name_, fact);
  }
  void fact(const std::string& key, const Yaml& value);
  [[nodiscard]] int facts() const { return facts_; }
  [[nodiscard]] int found() const { return found_; }

 private:
  void titles(const std::string& key, const Yaml& value);
  void episodes(const Yaml& value);
  void victim(const Yaml& value);
  void hung_tasks(const Yaml& value);
  void lockups(const Yaml& value);
  void stalls(const Yaml& value);

  std::string name_;
  const Boot& boot_;
  int facts_ = 0;
  int found_ = 0;
};

std::string text_of(const Yaml& map, const std::string& key) {
  const auto value = map.get(key);
  return value ? value->raw() : std::string();
}

// `wanted` is not in the file, or it is this.
bool is(const std::string& wanted, const std::string& got) {
  return wanted.empty() || wanted == got || wanted == "null" || wanted == "~";
}
template <typename T>
bool is(const std::string& wanted, const std::optional<T>& got) {
  return wanted.empty() || (got && wanted == std::to_string(*got));
}

void Tally::titles(const std::string& key, const Yaml& value) {
  const bool prefix = key.ends_with("prefix");
  const auto matches = [&](const Crash& crash) {
    const auto items = value.items();
    return std::any_of(items.begin(), items.end(), [&](const Yaml& one) {
      return prefix ? crash.title.starts_with(one.raw()) : crash.title == one.raw();
    });
  };
  if (key == "crash_titles") {
    bool same = value.items().size() == boot_.crashes.size();
    for (const auto& crash : boot_.crashes) same = same && matches(crash);
    return check(same, key);
  }
  check(std::any_of(boot_.crashes.begin(), boot_.crashes.end(), matches), key);
}

void Tally::victim(const Yaml& value) {
  const bool found = std::any_of(boot_.oom.begin(), boot_.oom.end(), [&](const OomEpisode& episode) {
    return std::any_of(episode.kills.begin(), episode.kills.end(), [&](const OomKill& kill) {
      return is(text_of(value, "pid"), std::to_string(kill.pid)) && is(text_of(value, "comm"), kill.comm) &&
             is(text_of(value, "total_vm_kb"), kill.total_vm_kb) &&
             is(text_of(value, "anon_rss_kb"), kill.anon_rss_kb);
    });
  });
  check(found, "victim " + text_of(value, "pid"));
}

void Tally::episodes(const Yaml& value) {
  if (value.items().empty()) return check(boot_.oom.empty(), "no OOM");
  for (const auto& one : value.items()) {
    const auto mask = text_of(one, "gfp_mask");
    const auto rows = text_of(one, "task_rows");
    const bool found = std::any_of(boot_.oom.begin(), boot_.oom.end(), [&](const OomEpisode& episode) {
      return episode.invoker && is(text_of(one, "invoker"), episode.invoker->comm) &&
             is(text_of(one, "pid"), std::to_string(episode.invoker->pid)) &&
             is(text_of(one, "order"), episode.order) && mask.starts_with(episode.gfp_mask.value_or("-")) &&
             is(rows, std::to_string(episode.tasks.size())) &&
             is(text_of(one, "oom_memcg"), episode.memcg.value_or(""));
    });
    check(found, "OOM of " + text_of(one, "invoker"));
    if (const auto victims = one.get("victims")) {
      for (const auto& each : victims->items()) victim(each);
    }
  }
}

void Tally::hung_tasks(const Yaml& value) {
  const auto merged = merge(boot_.hung_tasks);
  check(merged.size() == value.items().size(), "number of hung tasks");
  for (const auto& one : value.items()) {
    check(std::any_of(merged.begin(), merged.end(),
                      [&](const HungTaskSeries& series) {
                        return is(text_of(one, "comm"), series.first.comm) &&
                               is(text_of(one, "pid"), std::to_string(series.first.pid));
                      }),
          "hung task " + text_of(one, "comm"));
  }
}

void Tally::lockups(const Yaml& value) {
  std::size_t others = 0;  // RCU stalls have a key of their own
  for (const auto& one : boot_.lockups) others += one.kind == LockupKind::rcu ? 0 : 1;
  check(others == value.items().size(), "number of lockups");
  for (const auto& one : value.items()) {
    check(std::any_of(boot_.lockups.begin(), boot_.lockups.end(),
                      [&](const Lockup& lockup) {
                        return text_of(one, "kind") == hangar::to_string(lockup.kind) &&
                               is(text_of(one, "cpu"), lockup.cpu) && is(text_of(one, "comm"), lockup.comm);
                      }),
          "lockup of CPU " + text_of(one, "cpu"));
  }
}

void Tally::stalls(const Yaml& value) {
  for (const auto& one : value.items()) {
    check(std::any_of(boot_.alloc_troubles.begin(), boot_.alloc_troubles.end(),
                      [&](const AllocTrouble& trouble) {
                        return text_of(one, "comm") == trouble.comm &&
                               is(text_of(one, "order"), trouble.order) &&
                               text_of(one, "gfp_mask").starts_with(trouble.gfp_mask.value_or("-"));
                      }),
          "page allocation stall of " + text_of(one, "comm"));
  }
}

void Tally::fact(const std::string& key, const Yaml& value) {
  if (key.starts_with("crash_titles")) {
    titles(key, value);
  } else if (key == "oom") {
    episodes(value);
  } else if (key == "oom_victims") {
    for (const auto& one : value.items()) victim(one);
  } else if (key == "hung_tasks") {
    hung_tasks(value);
  } else if (key == "hung_task_lines") {
    check(std::to_string(boot_.hung_tasks.size()) == value.raw(), key);
  } else if (key == "lockups") {
    lockups(value);
  } else if (key == "rcu_stalls") {
    const auto count = std::count_if(boot_.lockups.begin(), boot_.lockups.end(),
                                     [](const Lockup& one) { return one.kind == LockupKind::rcu; });
    check(count == static_cast<std::ptrdiff_t>(value.items().size()), key);
  } else if (key == "page_alloc_stalls") {
    stalls(value);
  } else if (key == "sysrq") {
    check(boot_.sysrq.size() == value.items().size(), key);
  } else if (key == "panic") {
    check(boot_.panic == value.raw(), key);
  } else if (key == "boots") {
    check(std::string(boot_.from_start ? "1" : "0") == value.raw(), key);
  } else if (key == "crash_count") {
    check(std::to_string(boot_.crashes.size()) == value.raw(), key);
  } else if (key == "healthy") {
    check(boot_.hangs.empty() && boot_.findings.empty(), key);
  }
}

TEST(PublicLogs, FactsAreFound) {
  const auto folder = stdfs::path(places::source) / "../shared/public-logs";
  if (!stdfs::exists(folder)) GTEST_SKIP() << folder << " does not exist";
  int facts = 0;
  int found = 0;
  for (const auto& entry : stdfs::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    const auto yaml = Yaml::load(entry.path());
    ASSERT_TRUE(yaml) << entry.path();
    auto log = entry.path();
    const auto read = read_log(log.replace_extension(".log"));
    ASSERT_TRUE(read) << log;
    Tally tally(log.stem(), read->boots.front());
    tally.check(read->boots.size() == 1, "one boot");
    const auto expected = yaml->get("expect");
    ASSERT_TRUE(expected) << entry.path();
    for (const auto& [key, value] : expected->entries()) tally.fact(key, value);
    facts += tally.facts();
    found += tally.found();
  }
  fmt::print("public logs: {} of {} facts\n", found, facts);
  EXPECT_GE(facts, 100);
  EXPECT_EQ(found, facts);
}

}  // namespace
}  // namespace hangar::log
