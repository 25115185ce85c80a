// SPDX-License-Identifier: GPL-2.0-only
// The words that a reader of messages, documentation and comments does not expect: all Markdown files, string
// literals and comments are searched for them. "stands", "told" and the like have a plain word each.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "tests/places.h"

namespace hangar {
namespace {

struct Banned {
  const char* pattern;  // of whole words, in any case
  const char* instead;
};

const std::vector<Banned> banned = {
    {"stands?|stood", "is, is printed"},
    {"told|tells", "reported, shows"},
    {"says|said", "reports, states"},
    {"anew", "again"},
    {"spoilt|spoils", "excluded, invalid"},
    {"whoever|whom|somebody|nobody", "name the process or user"},
    {"people|the person|a person", "users"},
    {"likewise", "repeat what is meant"},
    {"holds? (\\w+ ){0,3}against|held (\\w+ ){0,3}against", "compare with, verify against"},
    {"(go|goes|going|went) on with", "continue, resume"},
    {"comes to", "is"},
    {"of (its|their) own", "separate, private"},
    {"sake", "because of"},
    {"at last", "at the end"},
    {"a look", "a check"},
    {"so many a", "per"},
    {"for ever", "forever"},
    {"climbs?|climbed|rungs?", "step"},
    {"(is|are) no(?! (longer|more))(?= )", "is not a"},
    {"not to be judged", "skip"},
};

// Words of the kernel, of other programs and of users' names. `there is no X` is plain English.
const std::vector<const char*> plain = {"there (is|are) no", "the user nobody", "is no \\w+er than"};

// The folders with C and C++ sources that are searched.
const std::vector<const char*> source_folders = {"harness", "images", "reproducers"};

enum class Kind { literal, comment };

struct Piece {
  Kind kind;
  size_t at;
  std::string text;
};

// The string literals and comments of C or C++. A literal that is continued on the next line is one text.
class Pieces {
 public:
  explicit Pieces(const std::string& source) : source_(source) {
    while (at_ < source_.size()) next();
  }
  [[nodiscard]] const std::vector<Piece>& all() const { return pieces_; }

 private:
  [[nodiscard]] bool here(std::string_view text) const {
    return source_.compare(at_, text.size(), text) == 0;
  }

  void next() {
    if (here("//")) {
      take(Kind::comment, source_.find('\n', at_));
    } else if (here("/*")) {
      take(Kind::comment, source_.find("*/", at_));
    } else if (here("R\"")) {
      const std::string end = ")" + source_.substr(at_ + 2, source_.find('(', at_) - at_ - 2) + "\"";
      take(Kind::literal, source_.find(end, at_) + end.size());
    } else if (here("\"")) {
      take(Kind::literal, closing('"'));
    } else if (here("'") && (at_ == 0 || std::isalnum(static_cast<unsigned char>(source_[at_ - 1])) == 0)) {
      at_ = closing('\'');
    } else {
      ++at_;
    }
  }

  [[nodiscard]] size_t closing(char quote) const {
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    return end + 1;
  }

  void take(Kind kind, size_t end) {
    end = std::min(end, source_.size());
    pieces_.push_back({kind, at_, source_.substr(at_, end - at_)});
    at_ = end;
  }

  const std::string& source_;
  size_t at_ = 0;
  std::vector<Piece> pieces_;
};

// Literals that follow each other, and lines of one comment, as one text: phrases may be broken between them.
// Their marks become blanks, so that places stay.
std::vector<Piece> joined(const std::string& source) {
  std::vector<Piece> texts;
  const Pieces pieces(source);
  for (const Piece& piece : pieces.all()) {
    const size_t end = texts.empty() ? 0 : texts.back().at + texts.back().text.size();
    const std::string between = source.substr(end, piece.at - end);
    const bool continues = !texts.empty() && texts.back().kind == piece.kind &&
                           between.find_first_not_of(" \n") == std::string::npos;
    if (continues) {
      texts.back().text += between + piece.text;
    } else {
      texts.push_back(piece);
    }
  }
  return texts;
}

// As whole words, with any white space between them.
std::regex pattern(const std::string& words) {
  const std::string spaced = std::regex_replace(words, std::regex(" "), "\\s+");
  return std::regex("\\b(?:" + spaced + ")(?!\\w)", std::regex::icase | std::regex::optimize);
}

const std::regex& any_banned() {
  static const std::regex any = [] {
    std::vector<std::string> all;
    for (const Banned& one : banned) all.emplace_back(one.pattern);
    return pattern(join(all, "|"));
  }();
  return any;
}

const char* instead_of(const std::string& phrase) {
  for (const Banned& one : banned) {
    if (std::regex_match(phrase, pattern(one.pattern))) return one.instead;
  }
  return "is not a";  // the pattern looks ahead
}

// Blanks in place of line breaks, marks of comments and quotes between two literals.
std::string flattened(std::string text, Kind kind) {
  if (kind == Kind::comment) {
    text = std::regex_replace(text, std::regex("\n( *)//"), " $1  ");
  } else {
    text = std::regex_replace(text, std::regex("\"(\\s+)\""), " $1 ");
    text = std::regex_replace(text, std::regex("\\\\n"), "  ");
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Dashes in place of phrases that are plain, so that places stay.
void blot_out_plain(std::string& text) {
  static const std::regex any = [] {
    std::vector<std::string> all(plain.begin(), plain.end());
    return pattern(join(all, "|"));
  }();
  const std::string original = text;
  for (std::sregex_iterator match(original.begin(), original.end(), any), end; match != end; ++match)
    std::fill_n(text.begin() + match->position(), match->length(), '-');
}

// "file:line: `phrase`" for each banned phrase of the text that begins at `at` in `source`.
void search(const std::string& name, const std::string& source, size_t at, std::string text,
            std::vector<std::string>& found) {
  if (!std::regex_search(text, any_banned())) return;
  blot_out_plain(text);
  for (std::sregex_iterator match(text.begin(), text.end(), any_banned()), end; match != end; ++match) {
    const auto place = static_cast<long>(at) + match->position();
    const auto line = 1 + std::count(source.begin(), source.begin() + place, '\n');
    found.push_back(name + ":" + std::to_string(line) + ": `" + match->str() + "`: write " +
                    instead_of(match->str()));
  }
}

std::vector<std::string> found_in(const std::string& name, const std::string& source) {
  std::vector<std::string> found;
  if (name.ends_with(".md")) {
    search(name, source, 0, flattened(source, Kind::literal), found);
    return found;
  }
  for (const Piece& piece : joined(source)) {
    // A user's name; a member of hangar.compare/1.
    const bool fixed_name = piece.text == "\"nobody\"" || piece.text == "\"says\"";
    if (!fixed_name) search(name, source, piece.at, flattened(piece.text, piece.kind), found);
  }
  return found;
}

template <typename Visit>
void for_each_file(const std::vector<const char*>& folders, const std::set<std::string>& extensions,
                   Visit&& visit) {
  const fs::path top = places::source;
  for (const char* folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
      if (extensions.count(entry.path().extension()) != 0)
        visit(entry.path().lexically_relative(top).string(), *read_file(entry.path()));
    }
  }
}

TEST(Language, OfMarkdownIsPlain) {
  std::vector<std::string> found = found_in("README.md", *read_file(fs::path(places::source) / "README.md"));
  for_each_file({"harness", "images", "kernels", "reproducers", "tests"}, {".md"},
                [&](const std::string& name, const std::string& text) {
                  const auto more = found_in(name, text);
                  found.insert(found.end(), more.begin(), more.end());
                });
  EXPECT_EQ(join(found, "\n"), "");
}

TEST(Language, OfMessagesAndCommentsIsPlain) {
  std::vector<std::string> found;
  for_each_file(source_folders, {".c", ".cpp", ".h"}, [&](const std::string& name, const std::string& text) {
    const auto more = found_in(name, text);
    found.insert(found.end(), more.begin(), more.end());
  });
  EXPECT_EQ(join(found, "\n"), "");
}

TEST(Language, APlantedPhraseIsFound) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(found_in("a.md", "One.\nIt is told\nthere."),
              ElementsAre("a.md:2: `told`: write reported, shows"));
  EXPECT_THAT(found_in("a.cpp", "f();\n// It goes\n// on with it.\n"),
              ElementsAre(testing::StartsWith("a.cpp:2: `goes")));
  EXPECT_THAT(found_in("a.cpp", "f(\"this is \"\n  \"no file\");"),
              ElementsAre(testing::StartsWith("a.cpp:1: `is")));
  EXPECT_THAT(found_in("a.cpp", "f(R\"x(it stands here)x\"); g('\"'); // anew"),
              ElementsAre(testing::HasSubstr("`stands`"), testing::HasSubstr("`anew`")));
  EXPECT_THAT(found_in("a.cpp", "told(\"There is no file; it is no longer understood\"); // retold"),
              IsEmpty());
}

}  // namespace
}  // namespace hangar
