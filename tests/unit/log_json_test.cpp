// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "tests/places.h"

// hangar.log/1 is a promise: every key that help/log-json.md names, with its type. A schema here is an object
// whose values are type names; `?` means that it may be null, `[x]` a list, `+` behind a key that it may be
// missing.
namespace hangar::log {
namespace {

using nlohmann::json;

const json& schema() {
  static const json value = json::parse(R"({
    "schema": "string", "integrity": {"dropped": "int", "interleaved": "int", "truncated": "int", "elided": "int", "replayed": "int", "wrapped": "int", "repeated": "int"},
    "left_out": {"boots": "int", "crashes": "int", "oom": "int", "kills": "int", "oom_tasks": "int", "zones": "int", "reaped": "int",
                 "memalloc": "int", "memalloc_tasks": "int", "allocation_troubles": "int", "sysrq": "int", "locks": "int",
                 "hung_tasks": "int", "lockups": "int", "suppressed": "int", "hangs": "int", "tasks": "int", "frames": "int", "findings": "int",
                 "long_reports": "int", "long_lines": "int", "cited_lines": "int", "followed_kills": "int", "followed_tasks": "int"},
    "source": {"path": "string", "bytes": "int", "lines": "int", "compression": "string?"},
    "boots": [{
      "line": "int", "last_line": "int", "kernel_release": "string?", "build_id": "string?", "clock": "string", "first_s": "number?", "last_s": "number?",
      "from_start": "bool", "reached_init": "bool", "panic": "string?",
      "crashes": [{"title": "string", "alternatives": ["string"], "type": "string", "corrupted": "bool", "corrupted_why": "string?",
                   "panicked": "bool", "panic_line": "int?", "panic_title": "string?", "line": "int", "last_line": "int",
                   "time_s": "number?"}],
      "oom": [{"line": "int", "time_s": "number?", "invoker": {"?": 1, "comm": "string", "pid": "int?"}, "gfp_mask": "string?",
               "gfp_flags": ["string"], "order": "int?", "oom_score_adj": "int?", "constraint": "string?", "sysrq": "bool",
               "memcg": "string?", "task_memcg": "string?", "memcg_usage_kb": "int?", "memcg_limit_kb": "int?", "chosen": {"?": 1, "comm": "string", "pid": "int?"},
               "kill_line_known": "bool?", "no_killable": "bool", "panicked": "bool", "uncertain": "bool",
               "zones": [{"line": "int", "node": "int?", "zone": "string?", "free_kb": "int?", "min_kb": "int?", "low_kb": "int?",
                          "high_kb": "int?", "all_unreclaimable": "bool?"}],
               "tasks": [{"pid": "int?", "uid": "int?", "tgid": "int?", "total_vm_pages": "int?", "rss_pages": "int?",
                          "pgtables_bytes": "int?", "swapents": "int?", "oom_score_adj": "int?", "name": "string"}],
               "kills": [{"line": "int", "time_s": "number?", "pid": "int?", "comm": "string", "score": "int?", "total_vm_kb": "int?",
                          "anon_rss_kb": "int?", "file_rss_kb": "int?", "shmem_rss_kb": "int?", "uid": "int?", "pgtables_kb": "int?",
                          "oom_score_adj": "int?", "memcg": "bool", "exited": "bool?",
                          "instead_of": {"?": 1, "comm": "string", "pid": "int?"}, "count": "int"}],
               "reaped": [{"line": "int", "time_s": "number?", "pid": "int?", "comm": "string", "succeeded": "bool",
                           "after_kill_s": "number?"}],
               "pins": [{"line": "int", "victim": {"comm": "string", "pid": "int?"}, "holder": {"comm": "string", "pid": "int?"}}],
               "sharers": [{"comm": "string", "pid": "int?"}]}],
      "memalloc": [{"line": "int", "time_s": "number?", "stalling": "int", "dying": "int", "victim": "int", "exiting": "int?",
                    "oom_count": "int?",
                    "tasks": [{"line": "int", "comm": "string", "pid": "int?", "delay_s": "number?", "seq": "int?", "order": "int?",
                               "gfp_mask": "string?", "flags": "string?", "dying": "bool", "victim": "bool"}]}],
      "allocation_troubles": [{"line": "int", "time_s": "number?", "comm": "string", "stalled_s": "number?", "order": "int?",
                               "gfp_mask": "string?"}],
      "sysrq": [{"line": "int", "time_s": "number?", "name": "string", "key": "string?", "last_line": "int?",
                 "zones": [{"line": "int", "node": "int?", "zone": "string?", "free_kb": "int?", "min_kb": "int?", "low_kb": "int?",
                            "high_kb": "int?", "all_unreclaimable": "bool?"}],
                 "locks": [{"line": "int", "comm": "string", "pid": "int?", "held": ["string"]}]}],
      "hung_tasks": [{"line": "int", "time_s": "number?", "comm": "string", "pid": "int?", "blocked_s": "number?",
                      "count": "int", "last_line": "int", "last_blocked_s": "number?",
                      "blocker": {"?": 1, "line": "int", "lock": "string", "waits_as": "string?",
                                  "owner": {"?": 1, "comm": "string", "pid": "int?"}, "owned_as": "string?"}}],
      "lockups": [{"line": "int", "time_s": "number?", "kind": "string", "cpu": "int?", "stuck_s": "number?", "comm": "string?", "pid": "int?",
                   "rcu": {"?": 1, "jiffies": "int?", "cpus": ["int"], "pids": ["int"], "starved_jiffies": "int?", "timer_jiffies": "int?"},
                   "works": [{"workqueue": "string?", "pid": "int?", "function": "string", "running_s": "number?"}]}],
      "suppressed": [{"line": "int", "time_s": "number?", "reports": "string", "count": "int?"}],
      "hangs": [{"kind": "string", "cause": "string?", "start_s": "number?", "end_s": "number?", "duration_s": "number?",
                 "censored": "bool", "ended_by": "string?", "uncertain": "bool", "lines": ["int"]}],
      "tasks": [{"line": "int", "last_line": "int", "time_s": "number?", "comm": "string?", "pid": "int?", "state": "string?",
                 "ppid": "int?", "tgid": "int?", "flags": "int?",
                 "frames": [{"function": "string", "offset": "int?", "size": "int?", "reliable": "bool", "module": "string?",
                             "source+": "string", "section+": "string", "inlined+": "bool"}]}],
      "findings": [{"id": "string", "text": "string", "certainty": "string", "lines": ["int"]}]
    }]})");
  return value;
}

bool is_type(const json& value, std::string type) {
  if (type.back() == '?') {
    if (value.is_null()) return true;
    type.pop_back();
  }
  if (type == "string") return value.is_string();
  if (type == "int") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return value.is_boolean();
}

void check(const json& value, const json& want, const std::string& where) {
  if (want.is_string()) {
    EXPECT_TRUE(is_type(value, want.get<std::string>()))
        << where << " is " << value.dump() << ", not " << want;
  } else if (want.is_array()) {
    ASSERT_TRUE(value.is_array()) << where;
    for (const auto& item : value) check(item, want[0], where + "[]");
  } else if (!(want.contains("?") && value.is_null())) {
    ASSERT_TRUE(value.is_object()) << where;
    for (const auto& [key, type] : want.items()) {
      const bool optional = key.back() == '+';
      const auto name = optional ? key.substr(0, key.size() - 1) : key;
      if (key == "?" || (optional && !value.contains(name))) continue;
      ASSERT_TRUE(value.contains(name)) << where << " lacks " << name;
      std::string inside = where;
      inside.append(".").append(name);
      check(value[name], type, inside);
    }
    for (const auto& [key, item] : value.items()) {
      EXPECT_TRUE(want.contains(key) || want.contains(key + "+"))
          << where << " has the undocumented key " << key;
    }
  }
}

void check_bytes(std::string_view bytes, const std::string& what) {
  check(json::parse(to_json(analyse(bytes), {"x.log", Compression::none})), schema(), what);
}

TEST(Json, EveryLogFollowsTheSchema) {
  const auto root = std::filesystem::path(places::source);
  for (const auto& folder :
       {root / "tests/data/log/healthy", root / "tests/data/log/oom", root / "tests/data/log/perf",
        root / "../shared/mails", root / "../shared/corpus/console-reports"}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto text = read_file(entry.path());
      if (text) check_bytes(*text, entry.path().filename().string());
    }
  }
}

TEST(Json, AnEmptyLogHasOneBoot) {
  const auto out = json::parse(to_json(analyse(""), {"-", Compression::xz}));
  EXPECT_EQ(out["boots"].size(), 1U);
  EXPECT_EQ(out["source"]["compression"], "xz");
  EXPECT_TRUE(out["boots"][0]["first_s"].is_null());
}

TEST(Json, DetailsOfDetectors) {
  check_bytes(
      "[  100.000000] INFO: task a:1 blocked for more than 120 seconds.\n"
      "[  100.000001] INFO: task a:1 <reader> blocked on an rw-semaphore likely owned by task b:2 <writer>\n"
      "[  100.000002] Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings\n"
      "[  101.000000] rcu: INFO: rcu_preempt self-detected stall on CPU\n"
      "[  101.000001] rcu: \t1-....: (5 ticks this GP) idle=0001/1/0x4 softirq=1/1 fqs=0\n"
      "[  102.000000] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 40s!\n"
      "[  102.000001] workqueue events: flags=0x0\n[  102.000002]     in-flight: 12:work for 40s\n"
      "[  103.000000] a invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0\n"
      "[  103.000001] oom killer 41 (hog) has mm pinned by 1 (init)\n"
      "[  103.000002] Kill process 42 (b.out) sharing same memory\n",
      "details");
}

TEST(Json, BytesThatAreNoUtf8) {
  check_bytes("[    1.000000] Kernel panic - not syncing: \xff\xfe\x80 x\n", "bytes");
}

}  // namespace
}  // namespace hangar::log
