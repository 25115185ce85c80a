// SPDX-License-Identifier: GPL-2.0-only
// `hangar bisect` over a history of 32 patches on 6.1. From patch 19 on, a third of the OOM kills waits for
// 25 s, which is a hang. Three patches do not build, and one panics.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

constexpr int patches = 32;
constexpr int culprit = 19;

constexpr const char* header = R"(/* SPDX-License-Identifier: GPL-2.0-only */
#define HANGAR_HISTORY 1

#include <linux/random.h>
#include <linux/sched.h>

#if HANGAR_HISTORY == 7 || HANGAR_HISTORY == 16 || HANGAR_HISTORY == 25
#error this revision does not build
#endif

static void hangar_history(void)
{
	pr_info("revision %d\n", HANGAR_HISTORY);
	if (HANGAR_HISTORY == 12)
		panic("another fault");
	if (HANGAR_HISTORY >= 19 && get_random_u32() % 3 == 0)
		schedule_timeout_uninterruptible(25 * HZ);
}
)";

constexpr const char* hook = R"(diff --git a/mm/oom_kill.c b/mm/oom_kill.c
--- a/mm/oom_kill.c
+++ b/mm/oom_kill.c
@@ -19,6 +19,7 @@
  */
 
 #include <linux/oom.h>
+#include <linux/hangar_history.h>
 #include <linux/mm.h>
 #include <linux/err.h>
 #include <linux/gfp.h>
@@ -929,6 +930,8 @@
 	struct mm_struct *mm;
 	bool can_oom_reap = true;
 
+	hangar_history();
+
 	p = find_lock_task_mm(victim);
 	if (!p) {
 		pr_info("%s: OOM victim %d (%s) is already exiting. Skip killing the task\n",
)";

std::string first_diff() {
  std::string added;
  int lines = 0;
  for (const char* at = header; *at != '\0';) {
    const std::string line(at, std::strchr(at, '\n') + 1);
    added += "+" + line;
    at += line.size();
    ++lines;
  }
  return fmt::format(
             "diff --git a/include/linux/hangar_history.h b/include/linux/hangar_history.h\n"
             "new file mode 100644\n--- /dev/null\n+++ b/include/linux/hangar_history.h\n@@ -0,0 +1,{} @@\n",
             lines) +
         added + hook;
}

std::string next_diff(int number) {
  return fmt::format(
      "diff --git a/include/linux/hangar_history.h b/include/linux/hangar_history.h\n"
      "--- a/include/linux/hangar_history.h\n+++ b/include/linux/hangar_history.h\n@@ -1,5 +1,5 @@\n"
      " /* SPDX-License-Identifier: GPL-2.0-only */\n-#define HANGAR_HISTORY {}\n+#define HANGAR_HISTORY {}\n"
      " \n #include <linux/random.h>\n #include <linux/sched.h>\n",
      number - 1, number);
}

Result<void> write_series(const fs::path& folder) {
  TRY(fs::create_directories(folder));
  for (int i = 1; i <= patches; ++i) {
    const std::string mail = fmt::format(
        "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
        "From: Hangar <hangar@example.org>\nDate: Sun, 29 Nov 2026 12:00:00 +0000\n"
        "Subject: [PATCH] mm, oom: revision {}\n\n---\n{}",
        i, i == 1 ? first_diff() : next_diff(i));
    TRY(write_file(folder / fmt::format("{:04}-revision.patch", i), mail));
  }
  return {};
}

class BisectSeries : public OwnHome, public testing::WithParamInterface<int> {};

TEST_P(BisectSeries, FindsTheHangAmongPatchesThatDoNotBuildOrPanic) {
  const fs::path series = home() / "history";
  ASSERT_TRUE(write_series(series));
  const ProgramResult result =
      hangar({"bisect", "--series", series.string(), "--on", "v6.1", "oom-kill", "--seed",
              std::to_string(GetParam()), "--home", home(), "--json", "--quiet"});
  const auto found = nlohmann::json::parse(result.output, nullptr, false);
  ASSERT_TRUE(found.is_object()) << result.output;
  EXPECT_EQ(found["result"], "culprit");
  EXPECT_EQ(found["culprit"], fmt::format("{}/{}", culprit, patches));
  EXPECT_EQ(found["confirmation"]["says"], "verified") << found["confirmation"].dump();
  EXPECT_EQ(found["confirmation"]["parent"]["hits"], 0);
  fmt::print("{} runs, {} builds, {:.0f} s\n", found["runs"].get<int>(), found["builds"].get<int>(),
             found["seconds"].get<double>());
}

INSTANTIATE_TEST_SUITE_P(Seeds, BisectSeries, testing::Values(1, 2));

}  // namespace
}  // namespace hangar::guest_tests
