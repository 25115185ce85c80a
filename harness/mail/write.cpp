// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/write.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"

namespace hangar::mail {
namespace {

// A YAML string in double quotes, on one line.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : sanitize_for_terminal(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\t' || c == '\n' ? ' ' : c;
  }
  return out + '"';
}

std::string yaml_or_null(const std::string& text) {
  return text.empty() ? "null" : quoted(text);
}

// Safe in a mail header, in a comment of C and in Markdown.
std::string plain(const std::string& text) {
  std::string out = sanitize_for_terminal(text);
  std::replace(out.begin(), out.end(), '\t', ' ');
  for (size_t at = out.find("*/"); at != std::string::npos; at = out.find("*/", at))
    out.replace(at, 2, "* /");
  return out;
}

std::string origin_lines(const Provenance& origin, const std::string& indent) {
  const auto line = [&](const char* name, const std::string& value) {
    return value.empty() ? std::string() : fmt::format("{}{}: {}\n", indent, name, plain(value));
  };
  return line("Subject", origin.subject) + line("From", origin.from) + line("Date", origin.date) +
         line("Message-Id", origin.message_id) + line("Found in", origin.found_in);
}

std::string series_yaml(const std::string& name, const std::vector<Patch>& patches) {
  const auto names = patch_names(patches);
  std::string out = "# SPDX-License-Identifier: GPL-2.0-only\nseries: " + quoted(name) + "\n";
  out += "about: " + quoted(patches[0].title) + "\n";
  out += "# applies-to: \">=6.1 <6.2\"    the versions that it was tried on; without it, any\npatches:\n";
  for (size_t i = 0; i < patches.size(); ++i) {
    if (!patches[i].whole()) out += fmt::format("  # damaged: repair {0}.damaged and rename it\n", names[i]);
    out += "  - " + names[i] + "\n";
  }
  out += "origin:\n";
  for (size_t i = 0; i < patches.size(); ++i) {
    const Provenance& origin = patches[i].origin;
    out += fmt::format(
        "  - patch: {}\n    subject: {}\n    from: {}\n    date: {}\n    message-id: {}\n    found-in: {}\n",
        names[i], yaml_or_null(origin.subject), yaml_or_null(origin.from), yaml_or_null(origin.date),
        yaml_or_null(origin.message_id), yaml_or_null(origin.found_in));
  }
  return out;
}

std::string fixture(const std::vector<Observed>& logs) {
  std::string out = origin_lines(logs[0].origin, "") + "\n";
  for (const Observed& log : logs) out += log.text;
  return out;
}

Result<TempDir> begin(const fs::path& folder) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(folder));
  const fs::path parent = whole.parent_path();
  TRY(fs::create_directories(parent));
  return TempDir::make(parent, ".import-");
}

bool same_files(const fs::path& a, const fs::path& b) {
  size_t count = 0;
  for (const auto& entry : fs::list_or_empty(a)) {
    const auto mine = read_file(entry.path());
    const auto theirs = read_file(b / entry.path().filename());
    if (!mine || !theirs || *mine != *theirs) return false;
    ++count;
  }
  for (const auto& entry : fs::list_or_empty(b)) {
    if (!entry.is_regular_file() || count-- == 0) return false;
  }
  return count == 0;
}

// Importing the same again changes nothing; a folder with anything else in it is the user's work.
Result<void> land(TempDir&& made, const fs::path& folder) {
  if (!fs::exists(folder)) return made.commit(folder);
  if (same_files(made.path(), folder)) return {};
  return user_error(
      fmt::format("{} is there already, with other contents: choose another --name or --output, or remove it",
                  folder.string()));
}

std::string scenario_yaml(const std::string& name, const Program& program, bool compiles) {
  return fmt::format(
      "# SPDX-License-Identifier: GPL-2.0-only\n"
      "# A draft, made by `hangar import`: say what is expected once it has been seen.\n"
      "scenario: {0}\nabout: {1}\n"
      "reproducer: {{program: {0}}}{2}\n"
      "machine: {{cpus: 2, memory: 256MiB, disk: ext4, accel: auto}}\n"
      "run: {{repeat: 1, deadline: 120s, hang-threshold: 10s, on-hang: standard}}\n"
      "kernels: [v6.1]\n"
      "expect: []\n",
      quoted(name), quoted(program.title), compiles ? "" : "    # first repair the .c.draft");
}

std::string readme(const std::string& name, const Program& program, bool has_log,
                   const std::string& complaint) {
  std::string out = fmt::format(
      "<!-- SPDX-License-Identifier: GPL-2.0-only -->\n# {}\nA draft, imported by `hangar import`:\n\n{}\n",
      name, origin_lines(program.origin, "    "));
  if (complaint.empty()) {
    out +=
        "The program is as it is in the mail. It does not report progress and roles to the harness yet: "
        "see\n"
        "images/guest/hangar_guest.h. ";
  } else {
    out += fmt::format(
        "The program does not compile as a guest program, so that it is called `{}.c.draft`:\n\n", name);
    for (const std::string_view line : split(trim(complaint), '\n'))
      out += "    " + sanitize_for_terminal(line) + "\n";
    out += "\n";
  }
  out += "Its licence is its author's: ask before passing it on.\n";
  if (has_log) {
    out +=
        "\nobserved.log is what the mail shows of the kernel's log: read it with `hangar log "
        "observed.log`.\n";
  }
  out += "\nTo do: what bug, which kernels, `expect:` in scenario.yaml, the measured hit rate.\n";
  return out;
}

}  // namespace

std::vector<std::string> patch_names(const std::vector<Patch>& patches) {
  std::vector<std::string> names;
  for (size_t i = 0; i < patches.size(); ++i)
    names.push_back(fmt::format("{:04}-{}.patch", i + 1, slug(patches[i].title)));
  return names;
}

std::string patch_file(const Patch& patch) {
  std::string out = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n";
  const std::string& author = patch.author.empty() ? patch.origin.from : patch.author;
  if (!author.empty()) out += "From: " + plain(author) + "\n";
  if (!patch.origin.date.empty()) out += "Date: " + plain(patch.origin.date) + "\n";
  if (!patch.origin.message_id.empty()) out += "Message-Id: " + plain(patch.origin.message_id) + "\n";
  out += "Subject: [PATCH] " + plain(patch.title) + "\n\n";
  for (const std::string_view line : lines_of(patch.message).all) out += sanitize_for_terminal(line) + "\n";
  out += "\nImported from:\n" + origin_lines(patch.origin, "  ") + "---\n\n";
  for (const patch::FileChange& file : patch.files) out += patch::to_text(file);
  return out + "-- \nhangar import\n";
}

Result<void> write_series(const fs::path& folder, const std::vector<Patch>& patches,
                          const std::vector<Observed>& logs) {
  TRY_ASSIGN(TempDir made, begin(folder));
  const auto names = patch_names(patches);
  for (size_t i = 0; i < patches.size(); ++i) {
    const std::string name = names[i] + (patches[i].whole() ? "" : ".damaged");
    TRY(write_file(made.path() / name, patch_file(patches[i])));
  }
  TRY(write_file(made.path() / "series.yaml", series_yaml(folder.filename().string(), patches)));
  if (!logs.empty()) TRY(write_file(made.path() / "observed.log", fixture(logs)));
  return land(std::move(made), folder);
}

Result<void> write_reproducer(const fs::path& folder, const Program& program,
                              const std::vector<Observed>& logs, const std::string& complaint) {
  TRY_ASSIGN(TempDir made, begin(folder));
  const std::string name = folder.filename().string();
  const std::string head =
      "/*\n * Imported by `hangar import` from:\n" + origin_lines(program.origin, " *   ") + " */\n";
  TRY(write_file(made.path() / (name + (complaint.empty() ? ".c" : ".c.draft")), head + program.text));
  TRY(write_file(made.path() / "scenario.yaml", scenario_yaml(name, program, complaint.empty())));
  TRY(write_file(made.path() / "README.md", readme(name, program, !logs.empty(), complaint)));
  if (!logs.empty()) TRY(write_file(made.path() / "observed.log", fixture(logs)));
  return land(std::move(made), folder);
}

Result<std::string> compile_complaint(const Program& program) {
  if (!find_program("musl-gcc")) return std::string();
  TRY_ASSIGN(const fs::path parent, fs::temp_directory());
  TRY_ASSIGN(const TempDir folder, TempDir::make(parent, "hangar-import-"));
  TRY(write_file(folder.path() / "draft.c", program.text));
  Command command{{"musl-gcc", "-std=gnu11", "-static", "-O2", "-w", "-pthread", "-o", "draft", "draft.c"}};
  command.directory = folder.path();
  command.environment = {{"LC_ALL", "C"}};
  command.deadline = std::chrono::minutes(1);
  TRY_ASSIGN(const Finished finished, run_process(command));
  return finished.good() ? std::string() : finished.output.empty() ? "the compiler failed" : finished.output;
}

}  // namespace hangar::mail
