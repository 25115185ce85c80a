// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/import.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/draft.h"
#include "harness/mail/message.h"
#include "harness/mail/recover.h"
#include "harness/patch/header.h"
#include "harness/patch/paths.h"

namespace hangar::mail {
namespace {

constexpr std::uint64_t max_mail_bytes = 64ull << 20;  // a month of a busy list is smaller

size_t damaged(const std::vector<FoundChange>& files) {
  return static_cast<size_t>(
      std::count_if(files.begin(), files.end(), [](const FoundChange& file) { return !file.whole(); }));
}

// Hunks that were trimmed as a whole leave no other trace.
std::string against_diffstat(const Patch& patch, const Diffstat& stat) {
  if (stat.files == 0) return {};
  Diffstat found{patch.files.size(), 0, 0};
  for (const patch::FileChange& file : patch.files) {
    for (const patch::Hunk& hunk : file.hunks) {
      for (const std::string& line : hunk.lines) {
        found.added += !line.empty() && line[0] == '+' ? 1 : 0;
        found.removed += !line.empty() && line[0] == '-' ? 1 : 0;
      }
    }
  }
  if (found.files == stat.files && found.added == stat.added && found.removed == stat.removed) return {};
  return fmt::format("the diffstat has {} files, +{} -{}; here are {} files, +{} -{}", stat.files, stat.added,
                     stat.removed, found.files, found.added, found.removed);
}

// Patches at different depths are different patches.
std::vector<Patch> by_depth(std::vector<FoundChange> files) {
  std::vector<Patch> patches;
  for (FoundChange& file : files) {
    auto found =
        std::find_if(patches.begin(), patches.end(), [&](const Patch& p) { return p.depth == file.depth; });
    if (found == patches.end()) {
      patches.emplace_back();
      found = patches.end() - 1;
      found->depth = file.depth;
    }
    found->files.push_back(static_cast<patch::FileChange&&>(file));
  }
  return patches;
}

class LetterReader {
 public:
  LetterReader(Letter letter, const std::string& name, Findings& into)
      : letter_(std::move(letter)), name_(name), into_(into) {}

  void read() {
    for (const auto& note : letter_.notes) say(note);
    if (letter_.flowed) choose_flow();
    patches_in(letter_.body, "");
    for (const Attachment& attachment : letter_.attachments) patches_in(attachment.text, attachment.name);
    programs();
    logs();
  }

 private:
  void say(const std::string& note) { into_.notes.push_back(fmt::format("{}: {}", name_, note)); }

  [[nodiscard]] Provenance origin(const std::string& attachment) const {
    return {letter_.subject,
            letter_.from,
            letter_.date,
            letter_.message_id,
            attachment.empty() ? name_ : fmt::format("{}, attachment {}", name_, attachment),
            letter_.form};
  }

  // Some programs say format=flowed and do not mean it: the reading with less damage is the right one.
  void choose_flow() {
    std::string joined = unflow(letter_.body);
    const auto as_is = recover_diffs(letter_.body);
    const auto unflowed = recover_diffs(joined);
    if (unflowed.size() < as_is.size() || damaged(unflowed) > damaged(as_is)) return;
    letter_.body = std::move(joined);
  }

  void patches_in(const std::string& text, const std::string& attachment) {
    std::vector<std::string> lost;
    auto files = recover_diffs(text, &lost);
    for (const std::string& hunk : lost) into_.lost.push_back(fmt::format("{}: {}", name_, hunk));
    for (Patch& patch : by_depth(std::move(files))) {
      patch.origin = origin(attachment);
      Words words = words_before(text, patch.files[0].at_line, patch.depth);
      if (blank(words.message) && !attachment.empty()) words.message = letter_.body;
      if (auto note = against_diffstat(patch, words.diffstat); !note.empty())
        patch.notes.push_back(std::move(note));
      patch.message = std::move(words.message);
      patch.author = patch.depth == 0 && words.author.empty() ? letter_.from : words.author;
      patch.title = title_of(letter_.subject);
      if (patch.title.empty()) patch.title = fallback_title(patch, attachment);
      into_.patches.push_back(std::move(patch));
    }
  }

  [[nodiscard]] std::string fallback_title(const Patch& patch, const std::string& attachment) const {
    const std::string_view first = std::string_view(patch.message).substr(0, patch.message.find('\n'));
    if (!blank(first) && first.size() <= 100) return std::string(trim(first));
    return fs::path(attachment.empty() ? name_ : attachment).stem().string();
  }

  void programs() {
    FoundPrograms found = find_programs(letter_.body);
    for (std::string& note : found.notes) say(note);
    for (std::string& text : found.texts)
      into_.programs.push_back({origin(""), title(), "", std::move(text)});
    for (const Attachment& attachment : letter_.attachments) {
      if (fs::path(attachment.name).extension() != ".c") continue;
      if (looks_like_c(attachment.text) && attachment.text.back() == '\n') {
        into_.programs.push_back({origin(attachment.name), title(), attachment.name, attachment.text});
      } else {
        say(fmt::format("the attachment {} is not a whole C program with a main(): left out",
                        attachment.name));
      }
    }
  }

  void logs() {
    std::string text = find_log(letter_.body);
    if (!text.empty()) into_.logs.push_back({origin(""), std::move(text)});
    for (const Attachment& attachment : letter_.attachments) {
      text = find_log(attachment.text);
      if (!text.empty()) into_.logs.push_back({origin(attachment.name), std::move(text)});
    }
  }

  [[nodiscard]] std::string title() const {
    const std::string title = title_of(letter_.subject);
    return title.empty() ? fs::path(name_).stem().string() : title;
  }

  Letter letter_;
  const std::string& name_;
  Findings& into_;
};

// A thread holds each patch once as it was sent, and again in the replies that quote it.
void drop_quotations(Findings& findings) {
  const bool original = std::any_of(findings.patches.begin(), findings.patches.end(),
                                    [](const Patch& p) { return p.depth == 0; });
  if (!original) return;
  std::vector<Patch> kept;
  for (Patch& patch : findings.patches) {
    if (patch.depth == 0) {
      kept.push_back(std::move(patch));
    } else {
      findings.notes.push_back(
          fmt::format("{}: `{}` is also quoted {} deep: left out, the originals are here",
                      patch.origin.found_in, patch.title, patch.depth));
    }
  }
  findings.patches = std::move(kept);
  for (std::string& hunk : findings.lost) findings.notes.push_back(std::move(hunk));
  findings.lost.clear();
}

// "[PATCH 2/4]" gives the order, if all of them have it.
void put_in_order(std::vector<Patch>& patches) {
  const auto number = [](const Patch& patch) { return number_of(patch.origin.subject).first; };
  if (!std::all_of(patches.begin(), patches.end(), [&](const Patch& p) { return number(p) > 0; })) return;
  std::stable_sort(patches.begin(), patches.end(),
                   [&](const Patch& a, const Patch& b) { return number(a) < number(b); });
}

void append(Findings& into, Findings&& from) {
  const auto move_all = [](auto& to, auto& source) {
    to.insert(to.end(), std::make_move_iterator(source.begin()), std::make_move_iterator(source.end()));
  };
  move_all(into.patches, from.patches);
  move_all(into.programs, from.programs);
  move_all(into.logs, from.logs);
  move_all(into.notes, from.notes);
  move_all(into.lost, from.lost);
}

Result<std::vector<fs::path>> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return std::vector<fs::path>{path};
  std::vector<fs::path> files;
  for (const char* name : {"series", "patches/series"}) {
    const fs::path list = path / name;
    if (!fs::is_regular_file(list)) continue;
    TRY_ASSIGN(const std::string text, read_file(list, max_mail_bytes));
    for (std::string_view line : lines_of(text).all) {
      line = trim(line.substr(0, line.find('#')));
      line = line.substr(0, line.find_first_of(" \t"));
      if (!line.empty()) files.push_back(list.parent_path() / line);
    }
    if (files.empty()) return user_error(fmt::format("{} names no patch", list.string()));
    return files;
  }
  TRY_ASSIGN(const auto entries, fs::list(path));
  for (const auto& entry : entries) {
    const std::string extension = entry.path().extension();
    if (extension == ".patch" || extension == ".diff" || extension == ".mbox" || extension == ".eml")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    return user_error(fmt::format(
        "the folder {} has no file `series` and no .patch, .diff, .mbox or .eml file", path.string()));
  }
  return files;
}

Result<void> refuse_bad_paths(const Findings& findings) {
  for (const Patch& patch : findings.patches) {
    for (const patch::FileChange& file : patch.files) {
      for (const std::string* path : {&file.old_path, &file.new_path}) {
        const std::string complaint = path->empty() ? "" : patch::path_complaint(*path);
        if (!complaint.empty()) {
          return user_error(fmt::format("{}: the path {} of a patch {}: refused", patch.origin.found_in,
                                        sanitize_for_terminal(*path), complaint));
        }
      }
      for (const std::string& line : file.extended) {
        if (patch::unsupported(line) == patch::Unsupported::link) {
          return user_error(fmt::format("{}: the patch makes {} a symbolic link or a submodule: refused",
                                        patch.origin.found_in, sanitize_for_terminal(file.path())));
        }
      }
    }
  }
  return {};
}

}  // namespace

Findings find_all(std::string_view bytes, const std::string& name) {
  Findings findings;
  auto letters = read_letters(bytes);
  const bool many = letters.size() > 1;
  for (Letter& letter : letters) LetterReader(std::move(letter), name, findings).read();
  if (many) drop_quotations(findings);
  put_in_order(findings.patches);
  return findings;
}

Result<Findings> import_paths(const std::vector<fs::path>& paths) {
  Findings findings;
  for (const fs::path& path : paths) {
    TRY_ASSIGN(const auto files, files_of(path));
    for (const fs::path& file : files) {
      auto bytes = read_file(file, max_mail_bytes);
      if (!bytes)
        return user_error(fmt::format("cannot import {}: {}", file.string(), bytes.error().message));
      append(findings, find_all(*bytes, file.filename().string()));
    }
  }
  if (paths.size() > 1) put_in_order(findings.patches);
  TRY(refuse_bad_paths(findings));
  return findings;
}

std::vector<std::span<const patch::FileChange>> changes_of(const std::vector<Patch>& patches) {
  std::vector<std::span<const patch::FileChange>> changes;
  for (const Patch& patch : patches) changes.emplace_back(patch.files);
  return changes;
}

std::string slug(std::string_view title, size_t longest) {
  std::string out;
  for (const char c : title) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || (c == '_' && !out.empty());
    if (plain) out += c;
    if (!plain && !out.empty() && out.back() != '-') out += '-';
    if (out.size() >= longest) break;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "patch" : out;
}

}  // namespace hangar::mail
