// SPDX-License-Identifier: GPL-2.0-only
#include "tests/log_forms.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/form/form.h"
#include "harness/log/infer/read.h"
#include "harness/log/input/source.h"
#include "harness/log/render/json.h"
#include "tests/places.h"

namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;
using Lines = StampedLines;

// What does not depend on line numbers and times.
using Signature = std::multiset<std::string>;

void add_oom(const Boot& boot, Signature& out) {
  for (const auto& e : boot.oom) {
    out.insert(fmt::format("oom {} rows {} zones {}", e.invoker ? e.invoker->comm : "-", e.tasks.size(),
                           e.zones.size()));
    for (const auto& k : e.kills) {
      out.insert(fmt::format("kill {} {} {} {}", k.pid, k.comm, k.total_vm_kb.value_or(-1),
                             k.anon_rss_kb.value_or(-1)));
    }
    for (const auto& r : e.reaped) out.insert(fmt::format("reap {} {}", r.pid, r.comm));
  }
}

Signature signature_of(const LogFacts& facts, Clocks clocks) {
  Signature out;
  for (const auto& boot : facts.boots) {
    add_oom(boot, out);
    for (const auto& e : boot.hung_tasks)
      out.insert(fmt::format("hung {} {} {}", e.comm, e.pid, e.blocked_s.value_or(-1)));
    for (const auto& e : boot.lockups)
      out.insert(fmt::format("lockup {} {} {}", hangar::to_string(e.kind), e.cpu.value_or(-1), e.comm));
    for (const auto& e : boot.alloc_troubles)
      out.insert(fmt::format("alloc {} {}", e.comm, e.order.value_or(-1)));
    for (const auto& e : boot.sysrq) out.insert(fmt::format("sysrq {}", e.key));
    for (const auto& e : boot.memalloc) out.insert(fmt::format("memalloc {} {}", e.stalling, e.tasks.size()));
    if (clocks == Clocks::none) continue;  // where a report ends depends on pauses
    for (const auto& e : boot.crashes) out.insert(fmt::format("crash {} {}", e.title, e.panicked));
    if (clocks == Clocks::seconds) continue;
    for (const auto& e : boot.tasks) out.insert(fmt::format("task {} {} {}", e.comm, e.pid, e.frames.size()));
    for (const auto& e : boot.hangs) out.insert(fmt::format("hang {}", hangar::to_string(e.kind)));
  }
  if (clocks == Clocks::exact) out.insert(fmt::format("boots {}", facts.boots.size()));
  return out;
}

std::string text_of(const stdfs::path& path) {
  std::string out;
  auto source = ByteSource::open(path.string());
  if (!source) return out;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const auto n = source->read(buffer.data(), buffer.size());
    if (!n || *n == 0) return out;
    out.append(buffer.data(), *n);
  }
}

// The lines with a stamp of a console log, which rise in time. Empty if most lines have none.
Lines stamped_lines(const std::string& text, std::size_t most) {
  Lines out;
  std::size_t all = 0;
  for (const auto& line : forms::lines_of(text)) {
    std::int64_t us = -1;
    const auto n = printk_stamp(line, us);
    ++all;
    if (n == 0 || line.size() < n + 2 || line[n] != ' ' || out.size() >= most) continue;
    if (line.find_first_of("\r\t\x1b") != std::string::npos || line.find("] [") != std::string::npos)
      continue;
    if (std::any_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
      continue;
    if (line[n + 1] == '[' || (!out.empty() && us < out.back().us)) continue;
    out.push_back({us, std::string(trim(line).substr(n + 1))});
  }
  return out.size() * 2 < all && all < most ? Lines{} : out;
}

std::vector<std::pair<std::string, Lines>> logs_in(const std::vector<stdfs::path>& folders,
                                                   std::size_t most) {
  std::vector<std::pair<std::string, Lines>> out;
  for (const auto& folder : folders) {
    for (const auto& entry : stdfs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!entry.is_regular_file() ||
          (!name.ends_with(".log") && !name.ends_with(".xz") && name.find('.') != std::string::npos))
        continue;
      auto lines = stamped_lines(text_of(entry.path()), most);
      if (lines.size() >= 12)
        out.emplace_back(entry.path().lexically_relative(folder).string(), std::move(lines));
    }
  }
  return out;
}

// How many of `logs` have the same facts in this form.
std::size_t same(const LogForm& form, const std::vector<std::pair<std::string, Lines>>& logs, bool verbose) {
  std::size_t count = 0;
  for (const auto& [name, lines] : logs) {
    const auto want = signature_of(analyse(forms::plain(lines)), form.clocks);
    const auto got = signature_of(analyse_any(form.make(lines)), form.clocks);
    if (want == got) {
      ++count;
    } else if (verbose) {
      Signature missing;
      Signature added;
      std::set_difference(want.begin(), want.end(), got.begin(), got.end(),
                          std::inserter(missing, missing.end()));
      std::set_difference(got.begin(), got.end(), want.begin(), want.end(),
                          std::inserter(added, added.end()));
      fmt::print("{}, {}: missing {} ({}), added {} ({})\n", name, form.name, missing.size(),
                 missing.empty() ? "" : *missing.begin(), added.size(), added.empty() ? "" : *added.begin());
    }
  }
  return count;
}

const stdfs::path& root() {
  static const stdfs::path path(places::source);
  return path;
}

using Logs = std::vector<std::pair<std::string, Lines>>;

const Logs& stored_logs() {
  static const Logs logs =
      logs_in({root() / "tests/data/runs", root() / "tests/data/log/oom", root() / "tests/data/log/healthy",
               root() / "tests/data/log/ends", root() / "tests/data/log/crash"},
              700);
  return logs;
}

// One line that is wrapped in a log does not show whether a mailer or a terminal did it.
void expect_same(const std::vector<LogForm>& all, const Logs& logs, std::size_t most_wrong) {
  for (const auto& form : all) {
    const auto count = same(form, logs, true);
    fmt::print("{}: {} of {} logs\n", form.name, count, logs.size());
    EXPECT_GE(count + most_wrong, logs.size()) << form.name;
  }
}

TEST(Forms, FactsAreThoseOfTheConsole) {
  ASSERT_GT(stored_logs().size(), 100U);
  expect_same(log_forms(), stored_logs(), 1);
}

TEST(Forms, UnseenFormsHaveThemToo) {
  expect_same(unseen_log_forms(), stored_logs(), 1);
}

// Lines of no interest are passed over by their stamp alone. The obvious path takes each apart.
TEST(Forms, PassingOverLinesChangesNothing) {
  const EngineOptions obvious{.prefilter = false};
  for (const auto& make : {log_forms(), unseen_log_forms()}) {
    for (const auto& form : make) {
      for (const auto& [name, lines] : stored_logs()) {
        const auto text = form.make(lines);
        ASSERT_EQ(to_json(analyse_any(text), {}), to_json(analyse_any(text, obvious), {}))
            << form.name << ": " << name;
      }
    }
  }
}

TEST(Forms, RealReportsHaveThemToo) {
  const auto folder = root() / "../shared/corpus/console-reports";
  if (!stdfs::exists(folder)) GTEST_SKIP() << folder << " does not exist";
  const auto logs = logs_in({folder}, 700);
  expect_same(log_forms(), logs, logs.size() / 20);
  expect_same(unseen_log_forms(), logs, logs.size() / 20);
}

}  // namespace
}  // namespace hangar::log
