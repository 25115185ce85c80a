// SPDX-License-Identifier: GPL-2.0-only
// No input ends the program: calls that throw on foreign input stay out of the sources, and each thread and
// each forked child has a barrier.
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "tests/places.h"

namespace hangar {
namespace {

std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex("//[^\n]*"), "");
}

// What is matched, with what to use instead.
struct Rule {
  const char* pattern;
  const char* instead;
};

const std::vector<Rule> rules = {
    {R"(std::filesystem|<filesystem>|experimental/filesystem|std::error_code)", "harness/base/fs.h"},
    // With a path as argument these are found in std::filesystem without being named so.
    {R"((^|[^\w:.>])(create_director(y|ies)|current_path|file_size|is_directory|is_regular_file|is_symlink|last_write_time|remove_all|weakly_canonical)\()",
     "fs::"},
    {R"(std::sto(i|l|ll|ul|ull|f|d|ld)\b)", "std::from_chars"},
    {R"(std::w?regex)", "a parser"},
};

// The first match of a rule, with what to use instead; "" if there is none.
std::string complaint(const std::string& text) {
  const std::string code = without_comments(text);
  for (const Rule& rule : rules) {
    std::smatch found;
    if (std::regex_search(code, found, std::regex(rule.pattern)))
      return found.str() + ": use " + rule.instead;
  }
  return "";
}

bool starts_threads_or_children(const std::string& text) {
  static const std::regex starts(
      R"(\bfork\(\)|SYS_clone|std::async\(|std::j?thread\(|\bthreads?_?(\(\[|\.emplace_back\())");
  return std::regex_search(without_comments(text), starts);
}

template <typename Visit>
void for_each_source(Visit&& visit) {
  const fs::path top = fs::path(places::source) / "harness";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
    const std::string extension = entry.path().extension();
    if (extension == ".h" || extension == ".cpp")
      visit(entry.path().lexically_relative(top).string(), *read_file(entry.path()));
  }
}

TEST(Exceptions, ThrowingCallsStayOutOfTheSources) {
  int seen = 0;
  for_each_source([&](const std::string& name, const std::string& text) {
    ++seen;
    const bool may = name == "base/fs.h" || name == "base/fs.cpp" || name == "base/barrier.cpp";
    EXPECT_EQ(may ? "" : complaint(text), "") << name;
  });
  EXPECT_GT(seen, 300);
}

TEST(Exceptions, ThreadsAndChildrenHaveABarrier) {
  int seen = 0;
  for_each_source([&](const std::string& name, const std::string& text) {
    if (!starts_threads_or_children(text)) return;
    ++seen;
    EXPECT_NE(text.find("#include \"harness/base/barrier.h\""), std::string::npos) << name;
  });
  EXPECT_GE(seen, 7);
}

TEST(Exceptions, TheRulesFindWhatTheyAreFor) {
  for (const char* wrong :
       {"std::filesystem::exists(p);", "#include <filesystem>", "  if (is_directory(path)) return;",
        "return file_size(file);", "std::error_code code;", "int n = std::stoi(text);", "std::regex r;"})
    EXPECT_NE(complaint(wrong), "") << wrong;
  for (const char* fine : {"fs::exists(path)", "entry.is_directory()", "boost::system::error_code code;",
                           "fs::path path;", "// std::stoi() throws"})
    EXPECT_EQ(complaint(fine), "") << fine;
  for (const char* starts : {"const pid_t child = fork();", "std::async(std::launch::async, f)",
                             "thread_([this] { run(); })", "threads.emplace_back([this] { work(); });"})
    EXPECT_TRUE(starts_threads_or_children(starts)) << starts;
}

}  // namespace
}  // namespace hangar
