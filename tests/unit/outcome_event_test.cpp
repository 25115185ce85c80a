// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/outcome/event.h"

namespace hangar::outcome {
namespace {

// Through a file, as a run's record goes.
store::Event again(const store::Event& event) {
  const TempDir dir = *TempDir::make(testing::TempDir(), "event");
  const fs::path file = dir.path() / "events.jsonl";
  EXPECT_TRUE(store::append_event(file, event));
  const auto read = store::read_events(file);
  EXPECT_TRUE(read && read->size() == 1);
  return read->at(0);
}

TEST(Event, FieldsComeBackWhateverTheSentence) {
  store::Event event = event_of(12, NotLooked{3.25});
  event.detail = "other words";
  ASSERT_TRUE(read_not_looked(again(event)));
  EXPECT_EQ(read_not_looked(again(event))->since_s, 3.25);
  EXPECT_FALSE(read_ended(event));

  event = event_of(12, Ended{verdict::End::guest_gone, "panic: a: b"});
  EXPECT_EQ(event.detail, "guest-gone: panic: a: b");
  event.detail = "other words";
  const auto ended = read_ended(again(event));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->end, verdict::End::guest_gone);
  EXPECT_EQ(ended->why, "panic: a: b");
  EXPECT_FALSE(read_not_looked(event));
}

TEST(Event, ARecordOfAnOlderHangarHasTheSentenceAlone) {
  EXPECT_EQ(read_not_looked({12, "not-looked", "since 3.250 s"})->since_s, 3.25);
  EXPECT_FALSE(read_not_looked({12, "not-looked", "for a while"}));
  EXPECT_EQ(read_ended({12, "end", "deadline: the scenario's deadline"})->end, verdict::End::deadline);
  EXPECT_EQ(read_ended({12, "end", "deadline: the scenario's deadline"})->why, "the scenario's deadline");
  EXPECT_EQ(read_ended({12, "end", "done"})->end, verdict::End::done);
  EXPECT_EQ(read_ended({12, "end", "nonsense"})->end, verdict::End::interrupted);
}

// A damaged `data` is none.
TEST(Event, DataOfAnotherTypeIsNone) {
  EXPECT_EQ(read_not_looked({12, "not-looked", "since 3.250 s", R"({"since_s":"3"})"})->since_s, 3.25);
  EXPECT_EQ(read_ended({12, "end", "done", R"({"end":7})"})->end, verdict::End::done);
}

}  // namespace
}  // namespace hangar::outcome
