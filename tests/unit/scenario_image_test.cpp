// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/scenario/image.h"
#include "harness/scenario/scenario.h"

namespace hangar::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Image, OptionsAreReadAndWritten) {
  for (const char* text : {"initramfs", "debian", "debian:python3,stress-ng", "host", "disk:../a:b.img"}) {
    const auto image = parse_image(text);
    ASSERT_TRUE(image) << text;
    EXPECT_EQ(to_text(*image), text);
  }
  EXPECT_THAT(parse_image("debian:b2,a1,b2")->packages, ElementsAre("a1", "b2"));
}

TEST(Image, OtherWordsAreRefused) {
  for (const char* text : {"", "debain", "disk", "disk:", "debian:", "host:x", "initramfs:x", "debian:a b",
                           "debian:-x", "debian:x", "debian:aa,,bb", "debian:AA", "debian:a\x1b[31m"})
    EXPECT_FALSE(parse_image(text)) << text;
  EXPECT_THAT(parse_image("debain").error().message, HasSubstr("did you mean `debian`"));
}

Result<Scenario> with(const std::string& lines) {
  return parse_scenario("scenario: x\n" + lines + "kernels: [v6.1]\n", "/somewhere/x.yaml");
}

const std::string program = "reproducer: {program: nothing}\n";

TEST(Image, IsAKeyOfAScenario) {
  EXPECT_EQ(with(program)->machine.image.kind, ImageKind::initramfs);
  EXPECT_EQ(with(program + "image: host\n")->machine.image.kind, ImageKind::host);
  const auto debian = with(program + "image: {debian: [stress-ng, bash]}\n");
  ASSERT_TRUE(debian) << debian.error().message;
  EXPECT_THAT(debian->machine.image.packages, ElementsAre("bash", "stress-ng"));
  EXPECT_EQ(debian->machine.image.lock, "/somewhere/x.image.lock");
  EXPECT_EQ(with(program + "image: {disk: a.img}\n")->machine.image.disk, "/somewhere/a.img");
}

TEST(Image, OtherKeysAreErrorsAtTheirPlace) {
  for (const char* image : {"image: disk", "image: debain", "image: {}", "image: {debian: [], disk: x}",
                            "image: {debian: ['x y']}", "image: {disk: ''}", "image: {network: yes}"}) {
    const auto scenario = with(program + image + "\n");
    ASSERT_FALSE(scenario) << image;
    EXPECT_THAT(scenario.error().message, HasSubstr("/somewhere/x.yaml:3")) << image;
  }
}

TEST(Image, ACommandTakesThePlaceOfAProgram) {
  const auto scenario = with("image: debian\nreproducer: {command: 'stress-ng --vm 1'}\n");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_THAT(guest_argv(scenario->reproducer), ElementsAre("/bin/sh", "-c", "stress-ng --vm 1"));
  EXPECT_FALSE(with("reproducer: {command: x, program: y}\n"));
  EXPECT_FALSE(with("reproducer: {command: x, args: {a: 1}}\n"));
  EXPECT_FALSE(with("reproducer: {command: ' '}\n"));
  EXPECT_FALSE(with("reproducer: {command: \"a\\tb\"}\n"));
  EXPECT_FALSE(with("reproducer: {command: '" + std::string(2000, 'x') + "'}\n"));
}

TEST(Image, SelftestsAreUnpackedBeforeTheCommand) {
  const auto all = with("image: debian\nreproducer: {selftests: [cgroup, mm]}\n");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_THAT(all->reproducer.selftests, ElementsAre("cgroup", "mm"));
  const std::string unpack = "mkdir -p /selftests && cd /selftests && tar -xf /repro/bin/selftests.tar && ";
  EXPECT_THAT(guest_argv(all->reproducer), ElementsAre("/bin/sh", "-c", unpack + "./run_kselftest.sh"));
  const auto one = with("image: debian\nreproducer: {selftests: cgroup, command: cgroup/test_core}\n");
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_THAT(guest_argv(one->reproducer), ElementsAre("/bin/sh", "-c", unpack + "cgroup/test_core"));
  for (const char* wrong : {"{selftests: []}", "{selftests: [../x]}", "{selftests: cgroup, program: nothing}",
                            "{selftests: cgroup, args: {a: 1}}", "{selftests: cgroup, command: ''}"}) {
    EXPECT_FALSE(with("reproducer: " + std::string(wrong) + "\n")) << wrong;
  }
}

}  // namespace
}  // namespace hangar::scenario
