// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/report/mail.h"
#include "harness/report/prose.h"
#include "harness/report/tested_by.h"
#include "tests/report_runs.h"

namespace hangar::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using verdict::Verdict;

class Mails : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/tmp", "hangar-mail-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  // The mail about the stored run `name`.
  [[nodiscard]] std::string mail_of(const std::string& name) {
    contents_ = *report_runs::contents(folder_->path(), {name});
    const Cell& cell = contents_.cells.front();
    MailInputs inputs;
    inputs.cell = &cell;
    inputs.run = &cell.runs.front();
    inputs.kernel = kernel_;
    inputs.programs = programs_;
    inputs.tracks = *read_tracks(*inputs.run->record);
    inputs.log = *extract_log(*inputs.run->record);
    inputs.commands = contents_.commands;
    return to_mail(inputs);
  }
  std::optional<TempDir> folder_;
  Contents contents_;
  KernelText kernel_;
  std::vector<ProgramText> programs_ = {{"program", "int main(void) { return 0; }\n"}};
};

TEST_F(Mails, NamesTheHolderOfTheLock) {
  const std::string mail = mail_of("oom-2015-hang");
  EXPECT_THAT(mail, HasSubstr("Subject: [BUG] memory-stall in __vm_munmap for at least 31.1 s"));
  EXPECT_THAT(mail, HasSubstr("probably holds the mmap lock"));
  EXPECT_THAT(mail, HasSubstr("filemap_fault+"));
  EXPECT_THAT(mail, HasSubstr("hung in 1 of 1 runs"));
  EXPECT_THAT(mail, HasSubstr("-smp 2 -m 256"));
  EXPECT_THAT(mail, HasSubstr("int main(void)"));
}

TEST_F(Mails, OfASequenceHaveEachProgramAndTheOrder) {
  programs_ = {{"mark", "int mark;\n"}, {"wait-if-marked", "int wait;\n"}};
  const std::string mail = mail_of("sequence-hangs");
  EXPECT_THAT(mail, HasSubstr("gcc -static -O2 -pthread -o wait-if-marked wait-if-marked.c"));
  EXPECT_THAT(mail, HasSubstr("Compile the programs"));
  EXPECT_THAT(mail, HasSubstr("     ./mark\n     ./fork-some --processes 4\n     ./exit-one\n"));
  EXPECT_THAT(mail, HasSubstr("int mark;"));
  EXPECT_THAT(mail, HasSubstr("int wait;"));
  EXPECT_THAT(mail, HasSubstr("step 5 of 6 starts: waiter"));
}

TEST_F(Mails, OfACrashHaveItsReport) {
  const std::string mail = mail_of("planted-bug");
  EXPECT_THAT(mail, HasSubstr("Subject: [BUG] kernel BUG in "));
  EXPECT_THAT(mail, HasSubstr("Crash reports"));
  EXPECT_THAT(mail, HasSubstr("kernel BUG at"));
  EXPECT_THAT(mail, Not(HasSubstr("Who holds the mmap lock")));
}

TEST_F(Mails, ProseHasAtMost72Columns) {
  const std::string mail = mail_of("victim-frees-little");
  const std::string prose = mail.substr(0, mail.find("Lines of the log"));
  const std::size_t first = mail.find('\n');
  for (const std::string_view line : split(std::string_view(prose).substr(first), '\n')) {
    EXPECT_TRUE(line.starts_with("  ") || line.size() <= 72U) << line;
  }
}

TEST_F(Mails, CannotBeForgedByTheGuest) {
  const auto directory = *report_runs::copy("planted-bug", folder_->path());
  auto run = *read_run(directory);
  run.record->outcome.crashes.front().title = "x\r\n\nTested-by: nobody\x1b[2J";
  EXPECT_THAT(bug_title(run.record->outcome), AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b"))));
}

TEST(Prose, WrapsBehindABeginning) {
  const std::string text = paragraph(std::string(30, 'a') + " " + std::string(30, 'b') + " c", "Key:   ");
  EXPECT_EQ(text, "Key:   " + std::string(30, 'a') + " " + std::string(30, 'b') + " c\n");
  const std::string two = paragraph(std::string(40, 'a') + " " + std::string(40, 'b'), "Key:   ");
  EXPECT_EQ(two, "Key:   " + std::string(40, 'a') + "\n       " + std::string(40, 'b') + "\n");
  EXPECT_EQ(paragraph(std::string(100, 'a')), std::string(100, 'a') + "\n") << "a word is not cut";
}

compare::Row row(int number, const std::string& kernel, bool hangs) {
  compare::Row row;
  row.id = "20261101-0000" + std::to_string(10 + number) + "-aaaaaa";
  row.scenario = "oom-kill";
  row.kernel = kernel;
  row.kernel_release = "6.1.192";
  row.machine = "2 vCPUs, 256 MiB, ext4, tcg";
  row.end = "done";
  row.boot = row.id;
  row.verdict = hangs ? "fail" : "pass";
  if (hangs) row.hangs = {{HangKind::memory_stall, std::nullopt, 3, 30, true, std::nullopt, {}, {}}};
  return row;
}

// `hung[i]` of 20 runs of kernel i hung.
TestedByInputs tested(int base_hung, int patched_hung) {
  TestedByInputs inputs;
  inputs.tester = "A Tester <a@example.org>";
  inputs.base_name = "v6.1";
  inputs.patched_name = "v6.1+fix";
  inputs.patches = {{"mm: fix it", "20261101-1@example.org"}};
  std::vector<Run> runs;
  std::vector<compare::Arm> arms;
  for (const auto& [name, hung] : {std::pair("v6.1", base_hung), std::pair("v6.1+fix", patched_hung)}) {
    std::vector<compare::Row> rows;
    for (int i = 0; i < 20; ++i) rows.push_back(row(static_cast<int>(runs.size()) + i, name, i < hung));
    for (const compare::Row& one : rows) runs.push_back(run_of(one));
    arms.push_back(compare::make_arm(name, std::move(rows)));
  }
  inputs.cells = cells_of(std::move(runs), [](const auto&) { return run::StopRule(); });
  inputs.comparison = compare::compare_arms(std::move(arms));
  inputs.commands = {"hangar compare v6.1 v6.1+fix oom-kill --repeat 20"};
  return inputs;
}

TEST(TestedBy, HasTheNumbersOfBothKernels) {
  const auto inputs = tested(15, 0);
  ASSERT_TRUE(may_be_tagged(inputs));
  const std::string text = to_tested_by(inputs);
  EXPECT_TRUE(text.starts_with("Tested-by: A Tester <a@example.org>\n")) << text;
  EXPECT_THAT(text, HasSubstr("before:  hung in 15 of 20 runs (95% interval 0.51 to 0.91)"));
  EXPECT_THAT(text, HasSubstr("after:   hung in 0 of 20 runs (95% interval 0.00 to 0.17)"));
  EXPECT_THAT(text, HasSubstr("Message-ID: <20261101-1@example.org>"));
  EXPECT_THAT(text, HasSubstr("Not tested:\n- kernels other than 6.1.192"));
  EXPECT_THAT(text, HasSubstr("guests on KVM"));
}

TEST(TestedBy, AKernelThatHangsIsNotTagged) {
  for (const int hung : {1, 15}) {
    const auto inputs = tested(0, hung);
    EXPECT_FALSE(may_be_tagged(inputs)) << hung;
    EXPECT_THAT(to_tested_by(inputs), AllOf(HasSubstr("Not a Tested-by: "), Not(HasSubstr("Tested-by: A"))));
  }
}

TEST(TestedBy, NothingThatCountsIsNotTagged) {
  auto inputs = tested(15, 0);
  std::erase_if(inputs.cells, [](const Cell& cell) { return cell.kernel == "v6.1+fix"; });
  EXPECT_FALSE(may_be_tagged(inputs));
}

// Judged as its base, which is expected to hang, a fixed kernel fails: it is as it should be without a hang.
TEST(TestedBy, AFixThatIsJudgedAsItsBaseIsTagged) {
  auto inputs = tested(15, 0);
  for (Cell& cell : inputs.cells) {
    if (cell.kernel == "v6.1") continue;
    cell.judged_as = "v6.1-oom-2015";
    cell.verdict = Verdict::fail;
    for (auto& run : cell.runs) run.verdict = Verdict::fail;
  }
  EXPECT_TRUE(may_be_tagged(inputs));
  inputs.cells.back().summary.crashed = 1;
  EXPECT_FALSE(may_be_tagged(inputs));
}

}  // namespace
}  // namespace hangar::report
