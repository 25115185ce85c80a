// SPDX-License-Identifier: GPL-2.0-only
#include <optional>

#include <fmt/format.h>

#include "harness/base/fs.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"
#include "harness/mail/report.h"
#include "harness/mail/write.h"
#include "harness/patch/onto.h"

namespace hangar::cli {
namespace {

constexpr const char* about =
    "Extracts patches from mail and files (a .patch, a folder with a series, an mbox, a mail, a page of a "
    "web "
    "archive, a reply that quotes a patch) and writes them to kernels/patches/NAME. A C program between "
    "`reproducer start` and `end`, or attached, becomes a draft in reproducers/NAME. Damaged hunks are "
    "reported.";
constexpr const char* example =
    "  hangar import mail.txt --onto v6.1 --dry-run\n"
    "  hangar import 0001-fix.patch thread.mbox --name my-fix";

struct Wanted {
  std::string onto;
  std::string base;
  std::string name;
  std::string output;
  bool dry_run = false;
};

// The pristine source of a kernel spec, or a working tree as it is.
struct Source {
  std::string name;
  std::optional<kernel::Spec> spec;  // none: `name` is a tree
};

Result<Source> find_source(const std::string& name) {
  if (name.find('/') != std::string::npos && fs::exists(fs::path(name) / "Makefile"))
    return Source{name, std::nullopt};
  TRY_ASSIGN(const std::string own, need_source_tree());
  TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(own, name));
  return Source{name, std::move(spec)};
}

struct Obtained {
  fs::path tree;
  std::string label;
};

Result<Obtained> obtain(const Source& source, const Home& home, Terminal& terminal) {
  if (!source.spec) return Obtained{source.name, source.name};
  const kernel::Source& where = source.spec->source;
  if (where.kind == kernel::Source::Kind::tree) return Obtained{where.what, source.name};
  const auto note = [&](const std::string& text) { terminal.say(text); };
  TRY_ASSIGN(const kernel::Tree tree, kernel::obtain_tree(home.cache, where, note));
  return Obtained{tree.path, fmt::format("{} ({})", source.name, tree.label)};
}

Result<void> try_on(mail::Report& report, const Wanted& wanted, const Common& common, Terminal& terminal) {
  if (wanted.onto.empty()) return {};
  TRY_ASSIGN(const Home home, common.home());
  TRY_ASSIGN(const Source onto, find_source(wanted.onto));
  std::optional<Source> merge_base;
  if (!wanted.base.empty()) {
    TRY_ASSIGN(merge_base, find_source(wanted.base));
  }
  TRY_ASSIGN(const Obtained target, obtain(onto, home, terminal));
  std::optional<fs::path> base;
  if (merge_base) {
    TRY_ASSIGN(const Obtained obtained, obtain(*merge_base, home, terminal));
    base = obtained.tree;
  }
  report.onto = target.label;
  TRY_ASSIGN(report.trials, patch::try_onto(target.tree, mail::changes_of(report.findings.patches), base));
  return {};
}

// --output is the folder itself; otherwise the checkout's own places are taken.
Result<fs::path> place_for(const Wanted& wanted, const char* kind, const std::string& name) {
  if (!wanted.output.empty()) {
    TRY_ASSIGN(const fs::path whole, fs::absolute(wanted.output));
    const fs::path folder = whole.lexically_normal();
    return folder.has_filename() ? folder : folder.parent_path();
  }
  TRY_ASSIGN(const std::string own, need_source_tree());
  return fs::path(own) / kind / name;
}

Result<void> write_programs(mail::Report& report, const Wanted& wanted, bool beside_series) {
  const mail::Findings& findings = report.findings;
  for (size_t i = 0; i < findings.programs.size(); ++i) {
    const mail::Program& program = findings.programs[i];
    std::string name = wanted.name.empty() ? mail::slug(program.title) : wanted.name;
    if (i > 0) name += fmt::format("-{}", i + 1);
    TRY_ASSIGN(fs::path folder, place_for(wanted, "reproducers", name));
    if (!wanted.output.empty() && (beside_series || i > 0)) folder /= name;
    TRY_ASSIGN(std::string complaint, mail::compile_complaint(program));
    if (!wanted.dry_run) {
      TRY(mail::write_reproducer(folder, program,
                                 beside_series || i > 0 ? std::vector<mail::Observed>() : findings.logs,
                                 complaint));
    }
    report.written.push_back({"reproducer", folder.string(), std::move(complaint)});
  }
  return {};
}

Result<void> write_out(mail::Report& report, const Wanted& wanted) {
  const mail::Findings& findings = report.findings;
  if (!findings.patches.empty()) {
    const std::string name = wanted.name.empty() ? mail::slug(findings.patches[0].title) : wanted.name;
    TRY_ASSIGN(const fs::path folder, place_for(wanted, "kernels/patches", name));
    if (!wanted.dry_run) TRY(mail::write_series(folder, findings.patches, findings.logs));
    report.written.push_back({"series", folder.string(), {}});
  }
  TRY(write_programs(report, wanted, !findings.patches.empty()));
  if (wanted.dry_run) report.written.clear();
  return {};
}

// The name of the series and of the reproducer, which are folders: --name, or the last part of --output.
Result<void> check_names(const Wanted& wanted) {
  if (!wanted.name.empty() && !is_name(wanted.name))
    return user_error(fmt::format("--name {}: expected {}", wanted.name, name_rule));
  if (wanted.output.empty()) return {};
  TRY_ASSIGN(const fs::path folder, place_for(wanted, "", ""));
  if (is_name(folder.filename().string())) return {};
  return user_error(fmt::format("--output {}: invalid folder name; expected {}", wanted.output, name_rule));
}

Result<void> nothing_found(const mail::Findings& findings) {
  if (!findings.patches.empty() || !findings.programs.empty()) return {};
  if (findings.logs.empty()) return user_error("no diff and no program found", join(findings.notes, "\n"));
  return user_error("no diff and no program found, but a kernel log; read it with `hangar log`");
}

}  // namespace

Result<int> import_command(const Args& args) {
  Options options("import", about, example);
  Wanted wanted;
  std::vector<std::string> paths;
  options.list("path", paths, "files or folders to read", "PATH");
  options.required("path");
  options.value("--onto", wanted.onto, "try the patches on the source of this kernel (default: do not try)",
                "KERNEL");
  options.value("--base", wanted.base,
                "the kernel that the patches were made for; enables three-way merges (requires --onto)",
                "KERNEL");
  options.value("--name", wanted.name, "name of the series or the reproducer (default: from the subject)",
                "NAME");
  options.value("-o,--output", wanted.output,
                "folder to write (default: kernels/patches/NAME or reproducers/NAME)", "DIR");
  options.flag("-n,--dry-run", wanted.dry_run, "print what was found; write nothing");
  TRY_ASSIGN(const bool go_on, options.parse(args));
  if (!go_on) return 0;
  if (!wanted.base.empty() && wanted.onto.empty()) return user_error("--base requires --onto");
  TRY(check_names(wanted));
  const Common& common = options.common();
  Terminal terminal(common.quiet, common.no_color);
  mail::Report report;
  TRY_ASSIGN(report.findings, mail::import_paths({paths.begin(), paths.end()}));
  TRY(nothing_found(report.findings));
  TRY(try_on(report, wanted, common, terminal));
  const auto written = write_out(report, wanted);
  // main() prints the error with --json, and standard output has one object.
  if (!written && common.json) return written.error();
  print_out("{}{}", common.json ? mail::to_json(report) : mail::to_text(report), common.json ? "\n" : "");
  if (!written) return written.error();
  return mail::all_good(report) ? 0 : 2;
}

}  // namespace hangar::cli
