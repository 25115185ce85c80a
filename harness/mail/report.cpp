// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/report.h"

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::mail {
namespace {

std::string safe(const std::string& text) {
  return sanitize_for_terminal(text);
}

std::string count_of(size_t n, const char* word) {
  return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

struct Totals {
  size_t files = 0;
  size_t hunks = 0;
  size_t damaged_hunks = 0;
  size_t damaged_files = 0;  // in their own header
};

Totals totals(const std::vector<Patch>& patches) {
  Totals sum;
  for (const Patch& patch : patches) {
    for (const patch::FileChange& file : patch.files) {
      ++sum.files;
      sum.damaged_files += file.damage.empty() ? 0 : 1;
      for (const patch::Hunk& hunk : file.hunks) {
        ++sum.hunks;
        sum.damaged_hunks += hunk.whole() ? 0 : 1;
      }
    }
  }
  return sum;
}

std::string placement_text(const patch::Placement& placement) {
  std::string out = patch::word(placement.kind);
  if (!placement.applied()) return fmt::format("{}: {}", out, placement.reason);
  if (placement.kind == patch::Placement::Kind::fuzz) out += fmt::format(" {}", placement.fuzz);
  out += fmt::format(" at line {}", placement.line);
  if (placement.offset != 0) out += fmt::format(" ({:+} lines)", placement.offset);
  return out;
}

class Text {
 public:
  explicit Text(const Report& report) : report_(report) {}

  std::string run() {
    const auto& patches = report_.findings.patches;
    for (size_t i = 0; i < patches.size(); ++i)
      patch(patches[i], i < report_.trials.size() ? &report_.trials[i] : nullptr);
    for (const Program& program : report_.findings.programs) {
      out_ += fmt::format("program: {} bytes of C, from {}\n", program.text.size(),
                          safe(program.origin.found_in));
    }
    for (const Observed& log : report_.findings.logs)
      out_ += fmt::format("log: {} bytes, from {}\n", log.text.size(), safe(log.origin.found_in));
    for (const std::string& lost : report_.findings.lost) out_ += "LOST: " + safe(lost) + "\n";
    for (const std::string& note : report_.findings.notes) out_ += "note: " + safe(note) + "\n";
    summary();
    for (const auto& output : report_.written) {
      out_ += fmt::format(
          "{}: {}{}\n", output.kind, output.path,
          output.complaint.empty() ? "" : " (a draft that does not compile yet: see its README.md)");
    }
    return std::move(out_);
  }

 private:
  void patch(const Patch& patch, const patch::Trial* trial) {
    const Provenance& origin = patch.origin;
    const auto known = [](const std::string& text) {
      return text.empty() ? std::string("unknown") : safe(text);
    };
    out_ += fmt::format("patch: {}\n", safe(patch.title));
    out_ += fmt::format("  subject    {}\n  from       {}\n", known(origin.subject), known(origin.from));
    if (!patch.author.empty() && patch.author != origin.from)
      out_ += fmt::format("  author     {}\n", safe(patch.author));
    out_ += fmt::format("  date       {}\n  message id {}\n", known(origin.date), known(origin.message_id));
    out_ += fmt::format("  found in   {} ({}{})\n", safe(origin.found_in), origin.form,
                        patch.depth == 0 ? "" : fmt::format(", quoted {} deep", patch.depth));
    for (const std::string& note : patch.notes) out_ += "  note: " + safe(note) + "\n";
    for (size_t i = 0; i < patch.files.size(); ++i)
      file(patch.files[i], trial == nullptr ? nullptr : &trial->files[i]);
  }

  void file(const patch::FileChange& file, const patch::FileTrial* trial) {
    out_ += fmt::format("  {}  {}{}\n", safe(file.path()), count_of(file.hunks.size(), "hunk"),
                        file.whole() ? ", whole" : ", DAMAGED");
    for (const std::string& damage : file.damage) out_ += "    damaged: " + safe(damage) + "\n";
    if (trial != nullptr && !trial->complaint.empty()) out_ += "    failed: " + safe(trial->complaint) + "\n";
    for (size_t i = 0; i < file.hunks.size(); ++i) {
      const patch::Hunk& hunk = file.hunks[i];
      const patch::Placement* placement = trial == nullptr ? nullptr : &trial->hunks[i];
      out_ += fmt::format("    hunk {} @@ -{},{} +{},{} @@ {}", i + 1, hunk.old_start, hunk.old_count,
                          hunk.new_start, hunk.new_count, hunk.whole() ? "whole" : "DAMAGED");
      if (placement != nullptr) out_ += ", " + safe(placement_text(*placement));
      out_ += "\n";
      for (const std::string& damage : hunk.damage) out_ += "      damaged: " + safe(damage) + "\n";
      for (const std::string& note : hunk.notes) out_ += "      note: " + safe(note) + "\n";
      if (placement != nullptr && placement->kind == patch::Placement::Kind::failed)
        failure(file, hunk, *placement, trial->around[i]);
    }
  }

  void failure(const patch::FileChange& file, const patch::Hunk& hunk, const patch::Placement& placement,
               const std::vector<std::string>& around) {
    if (around.empty()) return;
    out_ += "      the hunk:\n";
    for (const std::string& line : hunk.lines) out_ += "        " + safe(line) + "\n";
    out_ +=
        fmt::format("      {} near line {}, where it should have gone:\n", safe(file.path()), placement.line);
    for (const std::string& line : around) out_ += "      " + line + "\n";
  }

  void summary() {
    if (report_.findings.patches.empty()) return;
    const Totals sum = totals(report_.findings.patches);
    out_ += fmt::format("recovered: {}, {}, {}; {} damaged\n",
                        fmt::format("{} patch{}", report_.findings.patches.size(),
                                    report_.findings.patches.size() == 1 ? "" : "es"),
                        count_of(sum.files, "file"), count_of(sum.hunks, "hunk"),
                        sum.damaged_hunks + sum.damaged_files);
    if (report_.onto.empty()) return;
    const patch::Tally t = patch::tally(report_.trials);
    out_ += fmt::format("on {}: {} of {} hunks apply ({} exact, {} offset, {} fuzz, {} merged), {} failed\n",
                        report_.onto, t.exact + t.offset + t.fuzz + t.merged, sum.hunks, t.exact, t.offset,
                        t.fuzz, t.merged, t.failed);
    if (t.fuzz + t.merged > 0)
      out_ += "`hangar build` takes neither fuzz nor merges: refresh those hunks against this source first\n";
  }

  const Report& report_;
  std::string out_;
};

}  // namespace

std::string to_text(const Report& report) {
  return Text(report).run();
}

bool all_good(const Report& report) {
  const Totals sum = totals(report.findings.patches);
  const patch::Tally t = patch::tally(report.trials);
  return sum.damaged_hunks + sum.damaged_files + t.failed + t.bad_files == 0 && report.findings.lost.empty();
}

}  // namespace hangar::mail
