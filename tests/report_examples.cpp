// SPDX-License-Identifier: GPL-2.0-only
#include "tests/report_examples.h"

#include <fmt/format.h>

#include "harness/verdict/why.h"

namespace hangar::report_examples {

using report::Contents;
using report::Run;
using verdict::Verdict;

compare::Row row(int number, bool hangs, const std::string& kernel) {
  compare::Row row;
  row.id = fmt::format("20261101-0000{:02}-aaaaaa", number);
  row.scenario = "oom-kill";
  row.kernel = kernel;
  row.kernel_release = "6.1.192";
  row.kernel_digest = "0123456789ab";
  row.machine = "2 vCPUs, 256 MiB, tcg";
  row.end = hangs ? "decided" : "done";
  row.boot = row.id;
  row.verdict = hangs ? "fail" : "pass";
  row.watched_s = 20;
  row.kills = {{1.5, "hog", false}};
  if (hangs) row.hangs = {{HangKind::memory_stall, std::nullopt, 3, 30, true, HangEnd::end, {}, {}}};
  return row;
}

Contents contents_of(std::vector<Run> runs) {
  auto made = report::contents_of(std::move(runs), [](const Run&) {
    run::StopRule rule;
    rule.at_most = 10;
    return rule;
  });
  Contents contents = std::move(*made);
  contents.commands = {"hangar run oom-kill --repeat 10"};
  contents.made_by = "hangar 0.1.0";
  return contents;
}

Contents once_in_ten() {
  std::vector<Run> runs;
  for (int i = 0; i < 10; ++i) runs.push_back(report::run_of(row(i, i == 3)));
  return contents_of(std::move(runs));
}

Contents each_verdict() {
  std::vector<compare::Row> rows;
  for (int i = 0; i < 5; ++i) rows.push_back(row(i, i == 1, fmt::format("kernel-{}", i)));
  rows[1].verdict = "pass";
  rows[2].verdict = "inconclusive";
  rows[3].verdict = "infra-error";
  rows[3].end = "host-trouble";
  rows[4].end = "interrupted";
  std::vector<Run> runs;
  for (compare::Row& one : rows) runs.push_back(report::run_of(std::move(one)));
  return contents_of(std::move(runs));
}

Contents two_kernels() {
  std::vector<Run> runs;
  for (int i = 0; i < 20; ++i) {
    compare::Row one = row(i, i % 2 == 1, i % 2 == 1 ? "v6.12" : "v6.1");
    if (i % 2 == 1) one.kernel_release = "6.12.3";
    if (i % 2 == 1) one.kernel_digest = "ba9876543210";
    runs.push_back(report::run_of(std::move(one)));
  }
  return contents_of(std::move(runs));
}

const std::string& hostile_text() {
  static const std::string text =
      "=cmd()|' # SKIP\nok 1 forged\r\nok 2 forged\xe2\x80\xa8ok 3 forged\x0bok 4 forged\x85ok 5 forged\n"
      "KTAP version 1\n# Subtest: forged\n1..9\nreboot: System halted\n]]></failure><skipped/>--><!-- "
      "&amp;\xef\xbf\xbe\xef\xbf\xbf\xff\xed\xa0\x80\x1b[31m\x01 [[ATTACHMENT|/etc/passwd]] ````\n```\n"
      "| <b>bold</b> | \"quoted\", 'x' \xc3\xa9" +
      std::string("\0end", 4);
  return text;
}

Run judged(int number, std::vector<verdict::Judgement> judgements) {
  Run run = report::run_of(row(number, true));
  report::Record record;
  record.directory = "/runs/" + run.row.id;
  record.info.id = run.row.id;
  record.info.wall_s = 12.5;
  record.spec.scenario = run.row.scenario;
  record.outcome.hangs = {{}};
  record.outcome.hangs[0].kind = HangKind::memory_stall;
  record.outcome.hangs[0].start_s = 4;
  record.outcome.hangs[0].duration_s = 30;
  record.outcome.hangs[0].censored = true;
  run.verdict = verdict::worst_of(judgements);
  run.why = verdict::why_of(run.verdict, record.outcome, judgements);
  record.judgements = std::move(judgements);
  run.record = std::move(record);
  return run;
}

Contents with_subtests() {
  using subtest::Result;
  Run run = judged(1, {{"failed-tests: exactly 0", Verdict::fail, "1 of 4 failed: mm/write", {}}});
  run.row = row(1, false);
  run.record->outcome.hangs.clear();
  run.record->outcome.subtests = {{"mm/read", Result::ok, ""},
                                  {"mm/write", Result::not_ok, "TIMEOUT 45 seconds"},
                                  {"mm/swap", Result::skip, "no swap"},
                                  {"mm/read", Result::ok, ""}};
  std::vector<Run> runs;
  runs.push_back(std::move(run));
  return contents_of(std::move(runs));
}

Contents hostile() {
  const std::string& text = hostile_text();
  Run run = judged(1, {{"hang: none", Verdict::fail, text, {{7, text}}}});
  run.row.scenario = text;
  run.row.kernel = text;
  run.row.kernel_release = text;
  run.row.machine = text;
  run.row.cmdline = text;
  run.row.qemu = text;
  run.row.kills[0].who = text;
  run.row.crashes = {text};
  run.why = text;
  run.record->directory = "/runs/" + text;
  run.record->outcome.hangs[0].where = text;
  run.record->outcome.oom_kills = {{1.5, 46, text, std::nullopt, {6, text}}};
  run.record->outcome.subtests = {{text, subtest::Result::not_ok, text}, {text, subtest::Result::skip, text}};
  run.record->outcome.tail = {{8, text}, {9, "reboot: System halted"}};
  std::vector<Run> runs;
  runs.push_back(std::move(run));
  Contents contents = contents_of(std::move(runs));
  contents.commands = {text};
  contents.differences = {{text, text, text}};
  return contents;
}

}  // namespace hangar::report_examples
