// SPDX-License-Identifier: GPL-2.0-only
// One made-up patch in every form in which people send patches around, whole and cut at every place.
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/mail/import.h"
#include "tests/places.h"

namespace hangar::mail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path data = fs::path(places::source) / "tests/data/mail";

std::string load(const std::string& name) {
  auto text = read_file(data / name);
  EXPECT_TRUE(text) << name;
  return text ? *text : std::string();
}

Findings find(const std::string& name) {
  return find_all(load(name), name);
}

// The patch as git made it, out of its plain form.
const std::vector<patch::FileChange>& original() {
  static const auto files = find("plain.patch").patches.at(0).files;
  return files;
}

void expect_whole(const Patch& patch) {
  ASSERT_EQ(patch.files.size(), original().size());
  for (size_t i = 0; i < patch.files.size(); ++i) {
    EXPECT_EQ(to_text(patch.files[i]), to_text(original()[i]));
    EXPECT_TRUE(patch.files[i].whole());
  }
}

class Form : public testing::TestWithParam<const char*> {};

TEST_P(Form, BringsThePatchOutWhole) {
  const Findings findings = find(GetParam());
  ASSERT_FALSE(findings.patches.empty());
  expect_whole(findings.patches[0]);
}

INSTANTIATE_TEST_SUITE_P(All, Form,
                         testing::Values("plain.patch", "git-am.patch", "no-prefix.patch", "single.eml",
                                         "crlf.eml", "quoted-printable.eml", "base64.eml", "multipart.eml",
                                         "attached-7bit.eml", "flowed.eml", "thread.mbox", "page.txt",
                                         "page.html", "reply.eml", "reply-comments.eml", "reply-deep.eml",
                                         "reply-tight.eml", "reply-wrapped.eml", "reply-wrapped-quoted.eml"),
                         [](const auto& form) {
                           std::string name = form.param;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

TEST(Original, IsWhatItShouldBe) {
  ASSERT_EQ(original().size(), 2u);
  EXPECT_EQ(original()[0].path(), "include/linux/orchard.h");
  EXPECT_EQ(original()[0].hunks.size(), 1u);
  EXPECT_EQ(original()[1].path(), "mm/orchard.c");
  EXPECT_EQ(original()[1].hunks.size(), 2u);
  std::string text;
  for (const patch::FileChange& file : original()) text += to_text(file);
  EXPECT_EQ(text, load("plain.patch"));
}

TEST(Provenance, ComesFromTheHeader) {
  const Patch patch = find("quoted-printable.eml").patches.at(0);
  EXPECT_EQ(patch.origin.subject, "[PATCH v2 1/2] mm/orchard: count fallen apples");
  EXPECT_EQ(patch.origin.from, "Ann Author <ann@example.org>");
  EXPECT_EQ(patch.origin.date, "Tue, 3 Mar 2026 10:00:00 +0100");
  EXPECT_EQ(patch.origin.message_id, "<1.ann@example.org>");
  EXPECT_EQ(patch.title, "mm/orchard: count fallen apples");
  EXPECT_EQ(patch.author, "Ann Author <ann@example.org>");
  EXPECT_THAT(patch.message, testing::StartsWith("Apples that fell are counted by nobody.\n\nCount them"));
  EXPECT_THAT(patch.message, testing::EndsWith("Signed-off-by: Ann Author <ann@example.org>\n"));
}

TEST(Provenance, OfAPageIsWhatThePageShows) {
  for (const char* name : {"page.txt", "page.html"}) {
    const Patch patch = find(name).patches.at(0);
    EXPECT_EQ(patch.origin.subject, "[PATCH v2 1/2] mm/orchard: count fallen apples") << name;
    EXPECT_EQ(patch.origin.from, "Ann Author <ann@...mple.org>") << name;
    EXPECT_EQ(patch.origin.message_id, "") << name;
  }
}

TEST(Provenance, OfAQuotationNamesWhoQuotedAndWhoWrote) {
  const Patch patch = find("reply-comments.eml").patches.at(0);
  EXPECT_EQ(patch.origin.from, "Bob Reviewer <bob@example.org>");
  EXPECT_EQ(patch.author, "Ann Author <ann@example.org>");
  EXPECT_EQ(patch.depth, 1u);
  EXPECT_EQ(patch.message, find("single.eml").patches.at(0).message);
  EXPECT_EQ(find("reply-deep.eml").patches.at(0).message, patch.message);
}

TEST(Provenance, OfABarePatchIsUnknown) {
  const Patch patch = find("plain.patch").patches.at(0);
  EXPECT_EQ(patch.origin.subject + patch.origin.from + patch.origin.date + patch.author, "");
  EXPECT_EQ(patch.title, "plain");
}

TEST(Thread, GivesThePatchesInOrderAndOnce) {
  const Findings findings = find("thread.mbox");
  ASSERT_EQ(findings.patches.size(), 2u);
  EXPECT_EQ(findings.patches[0].title, "mm/orchard: count fallen apples");
  EXPECT_EQ(findings.patches[1].title, "mm/orchard: leaves");
  EXPECT_THAT(findings.notes, ElementsAre(HasSubstr("quoted 1 deep: left out")));
}

TEST(Comments, AreCountedAndNeverTakenForChanges) {
  const Patch patch = find("reply-comments.eml").patches.at(0);
  EXPECT_THAT(patch.files[1].hunks[0].notes, ElementsAre(HasSubstr("4 lines of comment")));
}

TEST(Wrapped, LinesAreJoinedAndNamed) {
  for (const char* name : {"reply-wrapped.eml", "reply-wrapped-quoted.eml"}) {
    const Patch patch = find(name).patches.at(0);
    EXPECT_THAT(patch.files[1].hunks[0].notes, ElementsAre(HasSubstr("wrapped line, joined again"))) << name;
  }
}

TEST(Trimmed, HunksAreDamaged) {
  const Patch patch = find("reply-trimmed.eml").patches.at(0);
  EXPECT_FALSE(patch.whole());
  EXPECT_TRUE(patch.files[0].whole());
  EXPECT_THAT(patch.files[1].hunks[0].damage,
              ElementsAre("trimmed: 5 of 10 old and 5 of 12 new lines are there"));
  EXPECT_THAT(patch.files[1].hunks[1].damage,
              ElementsAre("it ends early: 4 of 8 old and 4 of 10 new lines are there"));
}

TEST(Trimmed, DiffstatShowsWhatIsGone) {
  const Patch patch = find("reply-trimmed.eml").patches.at(0);
  EXPECT_THAT(patch.notes, ElementsAre("the diffstat has 2 files, +8 -3; here are 2 files, +3 -2"));
  EXPECT_THAT(find("reply.eml").patches.at(0).notes, IsEmpty());
}

TEST(Trimmed, HunksWithoutTheirFileAreNamed) {
  const std::string text = load("reply.eml");
  const size_t begin = text.find("> diff --git a/mm/orchard.c");
  const size_t hunk = text.find("> @@ -29");
  const Findings findings = find_all(text.substr(0, text.find("> diff --git")) + text.substr(hunk), "x");
  EXPECT_THAT(findings.patches, IsEmpty());
  EXPECT_THAT(findings.lost, ElementsAre(HasSubstr("a hunk whose file header was trimmed")));
  EXPECT_EQ(find_all(text.substr(0, begin), "x").lost.size(), 0u);
}

TEST(Miscounted, HeadersAreDamage) {
  const Patch patch = find("miscount.patch").patches.at(0);
  EXPECT_THAT(patch.files[0].hunks[0].damage,
              ElementsAre(HasSubstr("the hunk goes on behind the 4 old and 5 new")));
  EXPECT_THAT(patch.files[1].hunks[0].damage,
              ElementsAre("it ends early: 10 of 10 old and 12 of 14 new lines are there"));
  EXPECT_THAT(patch.files[1].hunks[1].damage,
              ElementsAre(HasSubstr("the hunk goes on behind the 6 old and 7 new")));
}

TEST(Escapes, AreRefused) {
  const std::map<std::string, std::string> cases = {{"escape-dotdot.patch", "leaves the source tree"},
                                                    {"escape-absolute.patch", "is absolute"},
                                                    {"escape-symlink.patch", "a symbolic link"}};
  for (const auto& [name, why] : cases) {
    const auto found = import_paths({data / name});
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().fault, Fault::user);
    EXPECT_THAT(found.error().message, HasSubstr(why)) << name;
  }
}

TEST(Programs, BetweenMarkersOrAttached) {
  const Findings between = find("reproducer.eml");
  const Findings attached = find("reproducer-attached.eml");
  ASSERT_EQ(between.programs.size(), 1u);
  ASSERT_EQ(attached.programs.size(), 1u);
  EXPECT_EQ(between.programs[0].text, attached.programs[0].text);
  EXPECT_THAT(between.programs[0].text, testing::StartsWith("#include <stdio.h>\n"));
  EXPECT_THAT(between.programs[0].text, testing::EndsWith("return 0;\n}\n"));
  EXPECT_EQ(attached.programs[0].name, "shake.c");
  ASSERT_EQ(between.logs.size(), 1u);
  ASSERT_EQ(attached.logs.size(), 1u);
  EXPECT_EQ(between.logs[0].text, attached.logs[0].text);
  EXPECT_THAT(between.logs[0].text, HasSubstr("\n(...snipped...)\n[   12.500000]"));
  EXPECT_THAT(between.patches, IsEmpty());
}

TEST(Folders, FollowTheirSeriesFile) {
  const auto parent = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
  ASSERT_TRUE(parent);
  const fs::path folder = parent->path();
  ASSERT_TRUE(write_file(folder / "b.patch", load("plain.patch")));
  ASSERT_TRUE(write_file(folder / "a.patch", load("new-and-gone.patch")));
  const auto sorted = import_paths({folder});
  ASSERT_TRUE(sorted);
  ASSERT_EQ(sorted->patches.size(), 2u);
  EXPECT_EQ(sorted->patches[0].title, "a");
  ASSERT_TRUE(write_file(folder / "series", "# ours\nb.patch -p1\n\na.patch # last\n"));
  const auto listed = import_paths({folder});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->patches.size(), 2u);
  EXPECT_EQ(listed->patches[0].title, "b");
}

// What a cut text may give: of each hunk the whole, or a damaged beginning; of programs and logs nothing new.
class Cut {
 public:
  explicit Cut(const Findings& whole) {
    for (const Patch& patch : whole.patches) {
      for (const patch::FileChange& file : patch.files) {
        for (const patch::Hunk& hunk : file.hunks) known_[key(file, hunk)].push_back(&hunk);
      }
    }
    for (const Program& program : whole.programs) programs_.push_back(program.text);
    for (const Observed& log : whole.logs) logs_ += log.text;
  }

  void check(const Findings& cut, const std::string& where) const {
    for (const Patch& patch : cut.patches) {
      for (const patch::FileChange& file : patch.files) {
        for (const patch::Hunk& hunk : file.hunks)
          EXPECT_TRUE(is_known(file, hunk)) << where << ": an invented hunk\n" << to_text(file);
      }
    }
    for (const Program& program : cut.programs)
      EXPECT_THAT(programs_, testing::Contains(program.text)) << where;
    for (const Observed& log : cut.logs)
      EXPECT_THAT(logs_, HasSubstr(log.text.substr(0, log.text.rfind('[')))) << where;
  }

 private:
  static std::string key(const patch::FileChange& file, const patch::Hunk& hunk) {
    return fmt::format("{} {} {}", file.path(), hunk.old_start, hunk.new_start);
  }

  [[nodiscard]] bool is_known(const patch::FileChange& file, const patch::Hunk& hunk) const {
    const auto found = known_.find(key(file, hunk));
    // A header cut within its numbers may say another line, but then there is no line behind it.
    if (found == known_.end()) return hunk.lines.empty() && !hunk.whole();
    return std::any_of(found->second.begin(), found->second.end(), [&](const patch::Hunk* full) {
      // Cut just before the note that the file ends without a newline, or before lines that the header does
      // not count, a hunk looks whole.
      auto lines = full->lines;
      if (hunk.whole() && !lines.empty() && lines.back()[0] == '\\' && hunk.lines.size() < lines.size())
        lines.pop_back();
      if (hunk.whole()) return hunk.lines == lines;
      if (hunk.lines.size() > full->lines.size()) return false;
      for (size_t i = 0; i < hunk.lines.size(); ++i) {
        const bool last = i + 1 == hunk.lines.size();
        if (hunk.lines[i] != full->lines[i] && !(last && full->lines[i].rfind(hunk.lines[i], 0) == 0))
          return false;
      }
      return true;
    });
  }

  std::map<std::string, std::vector<const patch::Hunk*>> known_;
  std::vector<std::string> programs_;
  std::string logs_;
};

std::vector<fs::path> all_forms() {
  std::vector<fs::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(data)) files.push_back(entry.path());
  return files;
}

TEST(Cutting, AtEveryLineInventsNothing) {
  for (const fs::path& file : all_forms()) {
    const std::string text = *read_file(file);
    const Findings whole = find_all(text, "x");
    const Cut cut(whole);
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 1)) {
      cut.check(find_all(text.substr(0, end + 1), "x"),
                fmt::format("{} cut at byte {}", file.filename().string(), end));
    }
  }
}

TEST(Cutting, WithinLinesInventsNothing) {
  for (const fs::path& file : all_forms()) {
    const std::string text = *read_file(file);
    const Findings whole = find_all(text, "x");
    const Cut cut(whole);
    for (size_t end = 0; end < text.size(); end += 11) {
      cut.check(find_all(text.substr(0, end), "x"),
                fmt::format("{} cut at byte {}", file.filename().string(), end));
    }
  }
}

TEST(Cutting, TheBeginningInventsNothing) {
  for (const char* name : {"plain.patch", "reply-comments.eml", "reply-deep.eml", "page.txt"}) {
    const std::string text = load(name);
    const Findings whole = find_all(text, "x");
    const Cut cut(whole);
    for (size_t begin = text.find('\n'); begin != std::string::npos; begin = text.find('\n', begin + 1))
      cut.check(find_all(text.substr(begin + 1), "x"), fmt::format("{} from byte {} on", name, begin));
  }
}

}  // namespace
}  // namespace hangar::mail
