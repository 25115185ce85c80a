// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/nightly/rates.h"
#include "harness/stats/interval.h"
#include "tests/places.h"

namespace hangar::nightly {
namespace {

using testing::HasSubstr;

const std::string example = R"(rates: lock
kernels:
  - {kernel: v6.1, hangs: 0, runs: 30, measured: "2026-11-29", machine: 2 vCPUs, known: never}
  - {kernel: v6.1-memcg, hangs: 18, runs: 20, measured: "2026-11-29", machine: 2 vCPUs, known: nearly-always}
)";

std::string message_of(const std::string& from, const std::string& to) {
  std::string text = example;
  text.replace(text.find(from), from.size(), to);
  const auto rates = parse_rates(text, "r.yaml");
  return rates ? "no error" : rates.error().message;
}

TEST(KnownRates, ReadsTheExample) {
  const auto rates = parse_rates(example, "r.yaml");
  ASSERT_TRUE(rates) << rates.error().message;
  EXPECT_EQ(rates->scenario, "lock");
  ASSERT_EQ(rates->kernels.size(), 2u);
  EXPECT_EQ(rates->kernels[1].kernel, "v6.1+memcg") << "the current name";
  EXPECT_EQ(rates->kernels[1].hangs, 18);
  EXPECT_EQ(rates->kernels[1].runs, 20);
  EXPECT_EQ(rates->kernels[1].measured, "2026-11-29");
  EXPECT_EQ(rates->kernels[1].known, Known::nearly_always);
}

TEST(KnownRates, ComplaintsNameThePlace) {
  EXPECT_THAT(message_of("hangs: 0", "hang: 0"), HasSubstr("r.yaml:3:"));
  EXPECT_THAT(message_of("hangs: 0", "hang: 0"), HasSubstr("did you mean `hangs`"));
  EXPECT_THAT(message_of("hangs: 18", "hangs: 21"), HasSubstr("0 to 20 runs"));
  EXPECT_THAT(message_of("runs: 30", "runs: 0"), HasSubstr("1 to 100000 runs"));
  EXPECT_THAT(message_of("\"2026-11-29\"", "yesterday"), HasSubstr("expected a day"));
  EXPECT_THAT(message_of("\"2026-11-29\"", "2026-02-30"), HasSubstr("expected a day"));
  EXPECT_THAT(message_of("known: never", "known: nevr"), HasSubstr("did you mean `never`"));
  EXPECT_THAT(message_of("v6.1-memcg", "v6.1"), HasSubstr("duplicate kernel `v6.1`"));
  EXPECT_THAT(message_of(", machine: 2 vCPUs", ""), HasSubstr("machine"));
  EXPECT_EQ(message_of(", known: never", ""), "no error");
}

// Of all reproducers: what was measured does not contradict what is known.
TEST(KnownRates, OfTheTreeAgreeWithTheirTests) {
  int files = 0;
  for (const auto& folder : fs::list_or_empty(fs::path(places::source) / "reproducers")) {
    if (!fs::exists(folder.path() / "rates.yaml")) continue;
    ++files;
    const auto rates = load_rates(places::source, folder.path().filename());
    ASSERT_TRUE(rates) << rates.error().message;
    EXPECT_EQ(rates->scenario, folder.path().filename());
    for (const KnownRate& rate : rates->kernels) {
      if (!rate.known) continue;
      const stats::RateTest test = test_of(*rate.known);
      const stats::Interval measured = stats::exact_interval(rate.hangs, rate.runs);
      EXPECT_LE(measured.low, test.known) << rate.kernel;
      EXPECT_GE(measured.high, test.known) << rate.kernel;
      EXPECT_FALSE(measured.low <= test.changed && measured.high >= test.changed) << rate.kernel;
    }
  }
  EXPECT_GT(files, 5);
}

TEST(KnownRates, AFileThatIsAbsentIsAnError) {
  EXPECT_FALSE(load_rates(places::source, "absent"));
}

}  // namespace
}  // namespace hangar::nightly
