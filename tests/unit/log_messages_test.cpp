// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/text.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/json.h"
#include "tests/messages/render.h"
#include "tests/messages/table.h"
#include "tests/places.h"

// Each message of the kernels' memory, hang and panic code is in a table (tests/data/log/messages), as parsed
// or as ignored, and the log engine does what the table states.
namespace hangar::log {
namespace {

using messages::Row;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path folder = fs::path(places::source) / "tests/data/log/messages";

const std::vector<Row>& table() {
  static const auto rows = messages::read_table(folder / "messages.txt");
  return rows;
}

// A boot with these lines.
json boot_of(const std::vector<std::string>& lines) {
  std::string text = "[   99.000000] random: crng init done\n";
  int micros = 0;
  for (const auto& line : lines) text += fmt::format("[  100.{:06}] {}\n", ++micros, line);
  const auto facts = analyse(text + "[  101.000000] eth0: link up\n");
  auto all = json::parse(to_json(facts, {"x.log", Compression::none}));
  json boot = all["boots"][0];
  boot["integrity"] = all["integrity"];
  return boot;
}

// `$3` becomes the third value, `$0` the whole text.
std::string with_values(std::string text, const messages::Rendered& message) {
  for (std::size_t number = message.values.size(); number > 0; --number) {
    const auto name = "$" + std::to_string(number);
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), message.values[number - 1]);
  }
  if (const auto at = text.find("$0"); at != std::string::npos)
    text.replace(at, 2, message.text.substr(0, message.text.find_last_not_of('\n') + 1));
  return text;
}

// The lines of a context with the message in it, or with nothing in its place.
std::vector<std::string> log_of(const std::vector<std::string>& context, const messages::Rendered& message,
                                bool with_message) {
  std::vector<std::string> out;
  for (const auto& line : context) {
    std::string text = with_values(line, message);
    const auto at = text.find('@');
    if (text == "@" && !with_message) continue;
    if (at != std::string::npos) text.replace(at, 1, with_message ? message.text : "");
    while (text.ends_with('\n')) text.pop_back();
    for (const auto one : split(text, '\n')) out.emplace_back(one);
  }
  return out;
}

// The entries of a list; of `oom.tasks` those of all episodes.
void collect(const json& value, const std::vector<std::string_view>& path, std::size_t step,
             std::vector<const json*>& out) {
  if (value.is_array()) {
    for (const auto& one : value) collect(one, path, step, out);
  } else if (step == path.size()) {
    out.push_back(&value);
  } else {
    collect(value.at(std::string(path[step])), path, step + 1, out);
  }
}

const json* find(const json& entry, std::string_view path) {
  const json* at = &entry;
  for (const auto step : split(path, '.')) {
    const bool number = step.find_first_not_of("0123456789") == std::string_view::npos;
    const auto pointer = json::json_pointer("/" + std::string(step));
    if (at->is_null() || (number && !at->is_array()) || !at->contains(pointer)) return nullptr;
    at = &at->at(pointer);
  }
  return at;
}

std::string plain(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? fmt::format("{}", value.get<double>()) : value.dump();
}

// `kind=hard`, `title~=BUG`
bool holds(const json& entry, std::string_view term) {
  const auto equals = term.find('=');
  const bool part = equals > 0 && term[equals - 1] == '~';
  const json* value = find(entry, term.substr(0, part ? equals - 1 : equals));
  if (value == nullptr) return false;
  const auto wanted = std::string(term.substr(equals + 1));
  return part ? plain(*value).find(wanted) != std::string::npos : plain(*value) == wanted;
}

// `LIST key=value; key=value`
bool shows(const json& boot, std::string_view fact) {
  const auto blank = fact.find(' ');
  const auto list = fact.substr(0, blank);
  std::vector<const json*> entries;
  if (list == "boot") {
    entries.push_back(&boot);
  } else {
    collect(boot, split(list, '.'), 0, entries);
  }
  const auto terms = split(fact.substr(blank + 1), ';');
  return std::any_of(entries.begin(), entries.end(), [&](const json* entry) {
    return std::all_of(terms.begin(), terms.end(), [&](std::string_view term) {
      return holds(*entry, term.substr(term.find_first_not_of(' ')));
    });
  });
}

// What the log has instead.
std::string about(const json& boot, std::string_view fact) {
  const auto list = split(fact.substr(0, fact.find(' ')), '.').front();
  if (list != "boot") return boot.at(std::string(list)).dump();
  return json{boot["panic"], boot["reached_init"], boot["kernel_release"]}.dump();
}

// Only the message itself may make the fact.
std::string fault_of(const Row& row, const messages::Contexts& contexts) {
  const auto context = contexts.find(row.context);
  if (context == contexts.end()) return "there is no context " + row.context;
  const auto message = messages::render(row.format, row.values);
  const auto fact = with_values(row.fact, message);
  const json with = boot_of(log_of(context->second, message, true));
  if (!shows(with, fact)) return fact + " is not in " + about(with, fact);
  const json without = boot_of(log_of(context->second, message, false));
  return shows(without, fact) ? fact + " does not depend on the message" : "";
}

// What a log without any event has.
std::string events_of(const messages::Rendered& message) {
  const json boot = boot_of(log_of({"@"}, message, true));
  std::string out;
  for (const auto& [key, value] : boot.items()) {
    if (value.is_array() && !value.empty()) out += key + " ";
  }
  for (const auto& [key, value] : boot["integrity"].items()) out += value == 0 ? "" : key + " ";
  if (!boot["panic"].is_null()) out += "panic ";
  if (boot["reached_init"] == true) out += "init ";
  return out + (boot["kernel_release"].is_null() ? "" : "kernel_release");
}

TEST(Messages, ParsedMessagesMakeTheirFacts) {
  const auto contexts = messages::read_contexts(folder / "contexts.txt");
  for (const Row& row : table()) {
    if (!row.reason.empty()) continue;
    EXPECT_EQ(fault_of(row, contexts), "") << messages::escaped(row.format);
  }
}

TEST(Messages, IgnoredMessagesMakeNone) {
  for (const Row& row : table()) {
    if (row.reason.empty()) continue;
    EXPECT_EQ(events_of(messages::render(row.format, row.values)), "") << messages::escaped(row.format);
  }
}

TEST(Messages, EachHasOneRow) {
  std::set<std::string> seen;
  for (const Row& row : table()) EXPECT_TRUE(seen.insert(row.format).second) << messages::escaped(row.format);
}

TEST(Messages, AWrongRowIsFound) {
  const messages::Contexts contexts = {{"alone", {"@"}},
                                       {"twice", {"INFO: task a:1 blocked for more than 9 seconds.", "@"}}};
  Row row{"INFO: task %s:%d blocked for more than %ld seconds.\n", "", "alone", {}, "hung_tasks pid=$2"};
  EXPECT_EQ(fault_of(row, contexts), "");
  row.fact = "hung_tasks pid=$3";
  EXPECT_NE(fault_of(row, contexts), "") << "another number";
  row.fact = "hung_tasks comm=a";
  row.context = "twice";
  EXPECT_NE(fault_of(row, contexts), "") << "of the context";
  row.context = "none";
  EXPECT_NE(fault_of(row, contexts), "");
  EXPECT_NE(events_of(messages::render(row.format, {})), "") << "parsed, not ignored";
}

TEST(Messages, AScanFindsFormats) {
  const auto* source =
      "#define pr_fmt(fmt) KBUILD_MODNAME \": \" fmt\n"
      "/* pr_err(\"comment\"); */\n"
      "void f(void)\n{\n\tpr_err(\"one %d\\n\", f(\"argument\"));\n"
      "\tprintk(KERN_INFO \"two \"\n\t       \"lines \\\"q\\\"\\n\");\n"
      "\tpr_cont(x ? \"left\" : \"right\");\n\tpr_info(text);\n"
      "\tprintk(\"a\"\n#ifdef CONFIG_B\n\t\t\"b%s\"\n#endif\n\t\t\"c\\n\", \"d\");\n"
      "\tpanic(\"gone\");\n\tnmi_panic(regs, \"lost\");\n\tseq_buf_printf(s, \"%s %llu\\n\", n);\n"
      "\twarn_alloc(g, NULL, \"page\");\n\tpr_cont_pool_info(pool);\n\tmy_pr_err(\"other\");\n}\n";
  EXPECT_THAT(messages::formats_in(source, messages::pr_fmt_of(source, "mod")),
              ElementsAre("mod: one %d\n", "two lines \"q\"\n", "left", "right", "ab%sc\n",
                          "Kernel panic - not syncing: gone", "Kernel panic - not syncing: lost", "%s %llu\n",
                          "page"));
  EXPECT_EQ(messages::pr_fmt_of("#define pr_fmt(fmt) \"rcu: \" fmt\n", "tree"), "rcu: ");
  EXPECT_EQ(messages::pr_fmt_of("int x;\n", "x"), "");
}

TEST(Messages, AScanOfAnythingEnds) {
  const std::string text = "pr_err(\"a\\\" %d\" /* ( */ , '(' #if\n \"b\" ? \"c\\";
  for (std::size_t size = 0; size <= text.size(); ++size)
    (void)messages::formats_in(text.substr(0, size), "");
}

TEST(Messages, EscapesAreThoseOfC) {
  const std::string text = "\t\"a\\b\"\n\001z";
  EXPECT_EQ(messages::escaped(text), "\\t\\\"a\\\\b\\\"\\n\\001z");
  EXPECT_EQ(messages::unescaped(messages::escaped(text)), text);
}

TEST(Messages, AFormatPrintsItsValues) {
  const auto rendered = messages::render("%s:%5d %#x %-4uX %c %pGg %*pbl %.*s %ps 100%% %pS", {{1, "a b"}});
  EXPECT_EQ(rendered.text,
            "a b:   22 0x21 44  X . GFP_KERNEL 0 word8 function_9 100% function_10+0x12/0x340");
  EXPECT_EQ(rendered.values.size(), 10U);
  EXPECT_EQ(rendered.values[1], "22");
}

TEST(Messages, AnUnlistedMessageIsFound) {
  EXPECT_THAT(messages::unlisted({"new \"one\" %d\n", table().front().format}, table()),
              ElementsAre("\"new \\\"one\\\" %d\\n\""));
}

// ---- the kernels' own lists

// The source of this version in the cache: "6.1" is that of 6.1.192; "" if there is none.
fs::path source_of(const std::string& version) {
  const fs::path sources = find_home(std::nullopt).cache / "sources";
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(sources, code)) {
    if (entry.path().extension() != ".json") continue;
    const auto text = read_file(entry.path());
    const auto record = json::parse(text ? *text : "", nullptr, false);
    const auto kernel = record.is_object() ? record.value("kernel", "") : "";
    fs::path tree = sources / record.value("digest", "").substr(0, 16);
    if (kernel.starts_with(version + ".") && fs::exists(tree / "Makefile")) return tree;
  }
  return {};
}

void check_kernel(const std::string& version, const fs::path& source) {
  const auto formats = messages::formats_of_kernel(source);
  ASSERT_TRUE(formats) << "a file of " << source << " was moved: see tests/messages/table.cpp";
  EXPECT_THAT(messages::unlisted(*formats, table()), IsEmpty())
      << "Linux " << version << " has new messages: add them to " << folder / "messages.txt";
  const auto parsed = std::count_if(table().begin(), table().end(), [&](const Row& row) {
    return row.reason.empty() && formats->count(row.format) > 0;
  });
  const auto ignored = static_cast<std::ptrdiff_t>(formats->size()) - parsed;
  std::cout << version << ": " << parsed << " parsed, " << ignored << " ignored\n";
  EXPECT_GT(parsed, 50) << "the scan found too few";
}

TEST(Messages, AllOfLinux6_1AreListed) {
  const auto source = source_of("6.1");
  if (source.empty()) GTEST_SKIP() << "no 6.1 source in the cache: `hangar build v6.1` fetches it";
  check_kernel("6.1", source);
}

const std::vector<std::string> all_versions = {"5.10", "6.1", "6.12", "7.2"};

class KernelMessages : public testing::TestWithParam<std::string> {};

TEST_P(KernelMessages, AreListed) {
  const auto source = source_of(GetParam());
  if (source.empty())
    GTEST_SKIP() << "no " << GetParam() << " source in the cache: `hangar config diff` fetches it";
  check_kernel(GetParam(), source);
}

INSTANTIATE_TEST_SUITE_P(Versions, KernelMessages, testing::ValuesIn(all_versions));

TEST(AllKernelMessages, NoRowIsOutdated) {
  std::set<messages::Format> known;
  for (const auto& version : all_versions) {
    const auto source = source_of(version);
    if (source.empty()) GTEST_SKIP() << "no " << version << " source in the cache";
    const auto formats = messages::formats_of_kernel(source);
    ASSERT_TRUE(formats) << version;
    known.insert(formats->begin(), formats->end());
  }
  for (const Row& row : table()) EXPECT_EQ(known.count(row.format), 1U) << messages::escaped(row.format);
}

}  // namespace
}  // namespace hangar::log
