// SPDX-License-Identifier: GPL-2.0-only
// `hangar nightly` over a patch queue on 6.1, with real guests. In the second night a patch makes each OOM
// kill wait for 25 s, which is a hang.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

// Adds a statement at the beginning of __oom_kill_process(), in front of `before`, which earlier patches
// added.
std::string patch(int number, const std::string& statement, const std::vector<std::string>& before) {
  std::vector<std::string> behind;
  for (auto at = before.rbegin(); at != before.rend(); ++at) behind.push_back("\t" + *at);
  behind.insert(behind.end(),
                {"\tp = find_lock_task_mm(victim);", "\tif (!p) {",
                 "\t\tpr_info(\"%s: OOM victim %d (%s) is already exiting. Skip killing the task\\n\","});
  std::string context;
  for (std::size_t i = 0; i < 3; ++i) context += " " + behind[i] + "\n";
  return fmt::format(
      "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
      "From: Hangar <hangar@example.org>\nDate: Sun, 29 Nov 2026 12:00:0{0} +0000\n"
      "Subject: [PATCH {0}/3] mm, oom: change {0}\n\n---\n"
      "diff --git a/mm/oom_kill.c b/mm/oom_kill.c\n--- a/mm/oom_kill.c\n+++ b/mm/oom_kill.c\n"
      "@@ -929,6 +929,7 @@\n \tstruct mm_struct *mm;\n \tbool can_oom_reap = true;\n \n+\t{1}\n{2}\n",
      number, statement, context);
}

class Nightly : public OwnHome {
 protected:
  void queue(const std::vector<std::string>& statements) {
    std::string mbox;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const std::vector<std::string> before(statements.begin(), statements.begin() + static_cast<int>(i));
      mbox += patch(static_cast<int>(i) + 1, statements[i], before);
    }
    ASSERT_TRUE(write_file(home() / "queue.mbox", mbox));
  }
  [[nodiscard]] nlohmann::json night() const {
    const ProgramResult result =
        hangar({"nightly", (home() / "job.yaml").string(), "--home", home(), "--json", "--quiet"});
    return nlohmann::json::parse(result.output, nullptr, false);
  }
  [[nodiscard]] std::string texts() const {
    const auto text = read_file(home() / "texts");
    return text ? *text : "";
  }
};

TEST_F(Nightly, FindsTheNewHangOnceAndItsPatch) {
  ASSERT_TRUE(write_file(home() / "job.yaml",
                         fmt::format("nightly: job\nfollow: [{{queue: queue.mbox, on: v6.1}}]\n"
                                     "scenarios: [oom-kill]\nbudget: 2h\nrepeat: {{least: 3, most: 6}}\n"
                                     "min-free: 1GiB\nreports: reports\nnotify: cat >>{}\n",
                                     (home() / "texts").string())));
  queue({"pr_info(\"change 1\\n\");"});
  const auto first = night();
  ASSERT_TRUE(first.is_object());
  EXPECT_EQ(first["result"], "good") << first.dump(1);

  queue({"pr_info(\"change 1\\n\");", "schedule_timeout_uninterruptible(25 * HZ);",
         "pr_info(\"change 3\\n\");"});
  const auto second = night();
  ASSERT_TRUE(second.is_object());
  EXPECT_EQ(second["result"], "findings") << second.dump(1);
  EXPECT_THAT(texts(), HasSubstr("2/3")) << second.dump(1);
  EXPECT_TRUE(fs::exists(home() / "reports/night-2.html"));

  const std::string sent = texts();
  const auto third = night();
  EXPECT_EQ(third["result"], "findings") << "it is still open: " << third.dump(1);
  EXPECT_EQ(texts(), sent) << "a finding is reported once";
}

}  // namespace
}  // namespace hangar::guest_tests
