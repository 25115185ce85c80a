// SPDX-License-Identifier: GPL-2.0-only
// Slurm's output, as 22.05 prints it.
#include <gmock/gmock.h>

#include "harness/cluster/slurm.h"

namespace hangar::cluster {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(ParseQueue, HasEachTaskWithItsState) {
  const Queue queue = parse_queue(
      "12|0|RUNNING|n1|None\n12|1|PENDING||Resources\n12|2|NODE_FAIL|n2|NodeDown\n13|0|COMPLETED|n1|None\n"
      "12|3|REQUEUE_HOLD||JobHoldMaxRequeue\n12|4|PENDING||JobHoldMaxRequeue\n12|5|PENDING||JobHeldUser\n");
  EXPECT_THAT(queue, SizeIs(7));
  EXPECT_EQ(queue.at({12, 0}).state, JobState::running);
  EXPECT_EQ(queue.at({12, 0}).node, "n1");
  EXPECT_EQ(queue.at({12, 1}).state, JobState::waiting);
  EXPECT_EQ(queue.at({12, 1}).reason, "Resources");
  EXPECT_EQ(queue.at({12, 2}).state, JobState::ended);
  EXPECT_EQ(queue.at({12, 2}).word, "NODE_FAIL");
  EXPECT_EQ(queue.at({12, 3}).state, JobState::ended) << "Slurm does not run it again";
  EXPECT_EQ(queue.at({12, 4}).state, JobState::ended);
  EXPECT_EQ(queue.at({12, 5}).state, JobState::waiting) << "its owner can release it";
  EXPECT_EQ(queue.at({13, 0}).state, JobState::ended);
}

TEST(ParseQueue, LeavesOutWhatIsNoTask) {
  EXPECT_THAT(parse_queue(""), IsEmpty());
  EXPECT_THAT(parse_queue("slurm_load_jobs error: Unable to contact slurm controller\n||||\nx|y|z\n"),
              IsEmpty());
}

TEST(ParseConfig, HasKeysAndValues) {
  const auto config = parse_config(
      "Configuration data as of 2026-11-30T03:38:20\nMaxArraySize            = 1001\nTaskPlugin              "
      "= "
      "task/none\nSchedulerParameters     = a=1,b=2\n");
  EXPECT_EQ(config.at("MaxArraySize"), "1001");
  EXPECT_EQ(config.at("SchedulerParameters"), "a=1,b=2");
}

TEST(ParseNodes, CountsSlotsOfTheNodesThatAreUp) {
  const auto groups = parse_nodes(
      "main*|up|idle|10|16|64000+|kvm,amd\nmain*|up|down*|3|16|64000|(null)\nmain*|up|mixed|2|8+|2000|(null)"
      "\n"
      "long|up|idle|100|64|256000|(null)\nold|down|idle|5|4|8000|(null)\n");
  ASSERT_THAT(groups, SizeIs(5));
  EXPECT_EQ(groups[0].features, "kvm,amd");
  EXPECT_EQ(groups[1].features, "");
  const auto usable = usable_nodes(groups, "");
  ASSERT_THAT(usable, SizeIs(2));
  EXPECT_EQ(usable[1].cpus, 8);
  // 10 x min(8, 125) + 2 x min(4, 3)
  EXPECT_EQ(slots_of(usable, 2, 512ull << 20), 86);
  EXPECT_THAT(usable_nodes(groups, "long"), SizeIs(1));
  EXPECT_THAT(usable_nodes(groups, "old"), IsEmpty());
  EXPECT_EQ(slots_of({}, 2, 512ull << 20), 1) << "what cannot run now is submitted all the same";
}

TEST(SubmitWords, AskForWhatTheRunsNeedAndPassTheSitesOptionsOn) {
  JobOptions options;
  options.name = "hangar-x";
  options.cpus = 4;
  options.memory_bytes = (768ull << 20) + 1;
  options.output = "/shared/log/%A_%a.log";
  auto words = submit_words(17, options);
  EXPECT_THAT(words, Contains("--array=0-16"));
  EXPECT_THAT(words, Contains("--cpus-per-task=4"));
  EXPECT_THAT(words, Contains("--mem=769M"));
  EXPECT_THAT(words, Contains("--requeue"));
  EXPECT_THAT(words, Not(Contains("--exclusive")));
  for (const std::string& word : words) EXPECT_FALSE(word.starts_with("--partition")) << word;
  options.partition = "long";
  options.account = "mm";
  options.constraint = "kvm&amd";
  options.time_limit = "1:00:00";
  options.exclude = {"n3", "n4"};
  options.exclusive = true;
  options.at_a_time = 3;
  words = submit_words(1, options);
  for (const char* wanted : {"--array=0-0%3", "--partition=long", "--account=mm", "--constraint=kvm&amd",
                             "--time=1:00:00", "--exclude=n3,n4", "--exclusive"})
    EXPECT_THAT(words, Contains(wanted));
}

}  // namespace
}  // namespace hangar::cluster
