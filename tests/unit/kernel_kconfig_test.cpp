// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/config/kconfig.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Config config = {{"ON", "y"}, {"MOD", "m"}, {"OFF", "n"}, {"TEXT", "\"abc\""}};

Kconfig read(const std::map<std::string, std::string>& files) {
  return read_kconfig([&files](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    return found->second;
  });
}

TEST(KernelKconfig, EvaluatesExpressions) {
  EXPECT_EQ(evaluate("ON && !OFF", config), 'y');
  EXPECT_EQ(evaluate("ON && MOD", config), 'm');
  EXPECT_EQ(evaluate("OFF || (MOD && ON)", config), 'm');
  EXPECT_EQ(evaluate("UNKNOWN", config), 'n');
  EXPECT_EQ(evaluate("TEXT = \"abc\" && MOD!=y", config), 'y');
  EXPECT_EQ(evaluate("!(ON||OFF)", config), 'n');
  EXPECT_EQ(evaluate("$(cc-option,-m32) && ON", config), 'y');
  EXPECT_EQ(evaluate("", config), 'y');
}

TEST(KernelKconfig, NamesTheUnmetPartsOnly) {
  EXPECT_THAT(unmet_terms("ON && OFF && (A || B)", config), ElementsAre("OFF", "A || B"));
  EXPECT_THAT(unmet_terms("(OFF)", config), ElementsAre("OFF"));
  EXPECT_THAT(unmet_terms("OFF || A", config), ElementsAre("OFF || A"));
  EXPECT_THAT(unmet_terms("ON", config), ElementsAre());
}

TEST(KernelKconfig, OddExpressionsDoNoHarm) {
  for (const char* text : {"(((", "&& ||", "!", "=", "a = ", "\"", "$(", "A <", ")"}) {
    (void)evaluate(text, config);
    (void)unmet_terms(text, config);
  }
  (void)evaluate(std::string(100000, '('), config);
  (void)evaluate(std::string(100000, '!'), config);
}

TEST(KernelKconfig, CollectsConditionsFromMenusIfsAndOtherFiles) {
  const Kconfig kconfig =
      read({{"Kconfig", "if ON\nsource \"drivers/$(SRCARCH)/Kconfig\"\nendif\nconfig LAST\n\tbool \"l\"\n"},
            {"drivers/x86/Kconfig",
             "menu \"Drivers\"\n\tdepends on BUS\nconfig DRIVER\n\tbool \"a driver\"\n"
             "\tdepends on OTHER && \\\n\t\tMORE # why\n\tselect HELPER if ON\n\thelp\n"
             "\t  config NOT_A_SYMBOL\n\n\t  if this were read\n\nconfig HELPER\n\tbool\nendmenu\n"}});
  ASSERT_EQ(kconfig.symbols.count("DRIVER"), 1u);
  EXPECT_EQ(kconfig.symbols.count("NOT_A_SYMBOL"), 0u);
  const auto& driver = kconfig.symbols.at("DRIVER").definitions.at(0);
  EXPECT_TRUE(driver.has_prompt);
  EXPECT_THAT(driver.conditions, ElementsAre("ON", "BUS", testing::StartsWith("OTHER &&")));
  EXPECT_FALSE(kconfig.symbols.at("HELPER").definitions.at(0).has_prompt);
  EXPECT_THAT(kconfig.symbols.at("HELPER").selected_by, ElementsAre("DRIVER"));
  EXPECT_TRUE(kconfig.symbols.at("LAST").definitions.at(0).conditions.empty());
}

TEST(KernelKconfig, ExplainsARefusal) {
  const Kconfig kconfig =
      read({{"Kconfig",
             "config PCI\n\tbool \"PCI\"\nconfig VIRTIO_PCI\n\tbool \"v\"\n\tdepends on PCI && ON\n"
             "config HELPER\n\tbool\nconfig FORCED\n\tbool \"f\"\nconfig ON\n\tbool \"on\"\n"
             "\tselect FORCED\n\tselect HELPER\n"}});
  EXPECT_EQ(explain(kconfig, {"VIRTIO_PCI", "y", "n", "base"}, config), "it needs PCI (which is off)");
  EXPECT_THAT(explain(kconfig, {"VIRTIO_PC", "y", "n", "base"}, config),
              HasSubstr("did you mean `VIRTIO_PCI`"));
  EXPECT_THAT(explain(kconfig, {"HELPER", "y", "n", "base"}, config), HasSubstr("no prompt: only ON"));
  EXPECT_EQ(explain(kconfig, {"FORCED", "n", "y", "base"}, config), "it is selected by ON");
}

TEST(KernelKconfig, FilesThatSourceTwoOthersEachEnd) {
  int read = 0;
  const auto two_each = [&](const std::string& path) -> std::optional<std::string> {
    ++read;
    return "source \"" + path + "a\"\nsource \"" + path + "b\"\n";
  };
  EXPECT_TRUE(read_kconfig(two_each).symbols.empty());
  EXPECT_LE(read, 4'000);
}

TEST(KernelKconfig, AFileThatSourcesItselfEnds) {
  EXPECT_EQ(read({{"Kconfig", "source \"Kconfig\"\nconfig A\n\tbool\n"}}).symbols.count("A"), 1u);
}

}  // namespace
}  // namespace hangar::kernel
