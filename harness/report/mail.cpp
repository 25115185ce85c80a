// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/mail.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/report/axis.h"
#include "harness/report/prose.h"
#include "harness/run/bundle.h"

namespace hangar::report {
namespace {

constexpr std::size_t most_stacks = 4;
constexpr std::size_t most_proof = 12;

std::string heading(const std::string& title) {
  return "\n" + title + "\n" + std::string(title.size(), '-') + "\n";
}

std::string field_line(const char* name, const std::string& value) {
  return value.empty() ? "" : paragraph(value, fmt::format("{:<15}", std::string(name) + ":"));
}

// How often, and what other kernels did beside it.
std::string how_often(const MailInputs& in) {
  std::string text = heading("How often");
  text += paragraph(hung_text(*in.cell), fmt::format("{}: ", in.cell->label));
  for (const Cell* cell : in.beside) text += paragraph(hung_text(*cell), cell->label + ": ");
  if (in.beside.empty()) text += "No other kernel was run with this scenario.\n";
  return text;
}

std::string host_text(const verdict::Outcome& outcome) {
  if (outcome.host_unknown) return "host load unknown";
  if (outcome.disturbances.empty()) return "not disturbed by other load";
  double seconds = 0;
  for (const verdict::Disturbance& one : outcome.disturbances) seconds += one.end_s - one.start_s;
  return fmt::format("disturbed by other load for {:.1f} of {:.1f} s: {}", seconds, outcome.watched_s,
                     outcome.disturbances.front().what);
}

std::string what_was_run(const MailInputs& in) {
  const Record& record = *in.run->record;
  std::string text = heading("Kernel and machine");
  text += field_line("Kernel", fmt::format("{} ({})", record.info.kernel_release, in.run->row.kernel));
  text += field_line("Source", in.kernel.source);
  text += field_line("Revision", in.kernel.revision);
  text += field_line("Patches", in.kernel.patches);
  text += field_line("Configuration", in.kernel.config);
  text += field_line("Command line", record.spec.cmdline);
  text += field_line("Machine",
                     record.info.machine + (record.info.qemu.empty() ? "" : ", QEMU " + record.info.qemu));
  text += field_line("Program", join(run::program_words(record.spec), " "));
  text += field_line("Started", record.info.restored ? "in a guest that was restored from a snapshot"
                                                     : "in a guest that was booted for it");
  text += field_line("Host", host_text(record.outcome));
  return text;
}

std::string what_happened(const MailInputs& in) {
  std::string text = heading("What happened (seconds since the guest started)");
  for (const AxisEvent& event : list_events(in.tracks)) {
    if (event.kind == "host") continue;
    const std::string kind = event.kind == "SysRq" ? "SysRq keys " : "";
    text += paragraph(kind + event.text, fmt::format("{:>8.1f}  ", event.time_s));
  }
  for (const verdict::Hang& hang : in.run->record->outcome.hangs)
    text += "\n" + paragraph("Evidence: " + sanitize_for_terminal(hang.evidence) + ".");
  return text;
}

std::string excerpts(const std::string& title, const std::vector<Excerpt>& list, std::size_t most) {
  if (list.empty()) return "";
  std::string text = heading(title);
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
    if (i > 0) text += "\n";
    text += paragraph(list[i].title + ":");
    for (const std::string& line : list[i].lines) text += "  " + line + "\n";
  }
  if (list.size() > most) text += fmt::format("\nand {} more\n", list.size() - most);
  return text;
}

// The first and the last ones, which name the kill and the end.
std::string proof(const std::vector<Excerpt>& lines) {
  if (lines.empty()) return "";
  std::string text = heading("Lines of the log");
  const auto add = [&](const Excerpt& one) {
    text += fmt::format("{:>6}| {}\n", one.line, one.lines.front());
  };
  if (lines.size() <= most_proof) {
    std::for_each(lines.begin(), lines.end(), add);
    return text;
  }
  std::for_each(lines.begin(), lines.begin() + most_proof / 2, add);
  text += fmt::format("{:>6}| {} lines are left out\n", "...", lines.size() - most_proof);
  std::for_each(lines.end() - most_proof / 2, lines.end(), add);
  return text;
}

// For a QEMU that the reader starts: what matters of the machine, and no more.
std::string qemu_command(const Record& record) {
  const run::RunSpec& spec = record.spec;
  return fmt::format(
      "  qemu-system-x86_64 -accel {} -cpu {} -smp {} -m {} -no-reboot -nographic \\\n"
      "    -kernel bzImage -initrd initramfs.cpio.gz \\\n"
      "    -drive file=disk.img,format=raw,if=virtio \\\n"
      "    -append {}\n",
      to_string(spec.accel), spec.accel == Accel::kvm ? "host" : "qemu64", spec.cpus, spec.memory_bytes >> 20,
      shell_line({spec.cmdline}));
}

std::string file_system_of(const std::string& machine) {
  return machine.find("xfs") != std::string::npos ? "xfs" : "ext4";
}

// A program of the guest in the folder in which it was compiled.
std::string command_line(std::vector<std::string> argv) {
  if (argv.empty()) return "";
  argv.front() = "./" + fs::path(argv.front()).filename().string();
  return "     " + join(argv, " ") + "\n";
}

std::string without_hangar(const MailInputs& in) {
  const Record& record = *in.run->record;
  std::string text = heading("How to reproduce it without Hangar");
  text += paragraph(in.programs.size() > 1
                        ? "Build the kernel above. Compile the programs, whose sources are at the end of "
                          "this mail:"
                        : "Build the kernel above. Compile the program, whose source is at the end of this "
                          "mail:",
                    "1. ");
  for (const ProgramText& program : in.programs)
    text += fmt::format("     gcc -static -O2 -pthread -o {0} {0}.c\n", program.name);
  text += paragraph(fmt::format("Make an {} disk image of 256 MiB, and an initramfs whose init mounts /proc, "
                                "/sys, /dev and the disk on /repro, and has no swap. Boot:",
                                file_system_of(record.info.machine)),
                    "2. ");
  text += qemu_command(record);
  const auto& steps = record.spec.steps;
  text += paragraph(steps.empty() ? "Run, as root:" : "Run one after the other, as root:", "3. ");
  if (steps.empty()) text += command_line(record.spec.argv);
  for (const run::Step& step : steps) text += command_line(step.argv);
  return text;
}

std::string with_hangar(const MailInputs& in) {
  if (in.commands.empty()) return "";
  std::string text = heading("How to reproduce it with Hangar");
  for (const std::string& command : in.commands) text += "  " + command + "\n";
  return text;
}

std::string attachment(const std::string& title, const std::string& contents) {
  if (contents.empty()) return "";
  return heading(title) + contents + (contents.ends_with('\n') ? "" : "\n");
}

}  // namespace

std::string bug_title(const verdict::Outcome& outcome) {
  const verdict::Hang* hang = longest_hang(outcome);
  const verdict::Crash* crash = outcome.crashes.empty() ? nullptr : &outcome.crashes.front();
  if (crash != nullptr && (hang == nullptr || crash->time_s <= hang->start_s + 1))
    return sanitize_for_terminal(crash->title);
  if (hang == nullptr) return "no hang and no crash";
  const std::string where = hang->where ? " in " + sanitize_for_terminal(*hang->where) : "";
  return fmt::format("{}{} for {}{:.1f} s", to_string(hang->kind), where, hang->censored ? "at least " : "",
                     hang->duration_s);
}

std::string to_mail(const MailInputs& in) {
  const Record& record = *in.run->record;
  std::string text = fmt::format("Subject: [BUG] {}: {} on {}\n\n", bug_title(record.outcome),
                                 in.run->row.scenario, record.info.kernel_release);
  text += paragraph(sanitize_for_terminal(in.run->why));
  text += how_often(in);
  text += what_was_run(in);
  text += what_happened(in);
  text += excerpts("Who holds the mmap lock", in.log.holders, most_stacks);
  text += excerpts("Blocked tasks, by stack", in.log.blocked, most_stacks);
  text += excerpts("Crash reports", in.log.crashes, 2);
  text += proof(in.log.proof);
  text += with_hangar(in);
  text += without_hangar(in);
  text += attachment("Uncommitted changes of the kernel", in.kernel.diff);
  for (const ProgramText& program : in.programs) text += attachment(program.name + ".c", program.source);
  return text;
}

}  // namespace hangar::report
