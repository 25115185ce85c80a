// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"

// The manual page, made from the same texts as -h. `hangar man > hangar.1`; installing does that.
namespace hangar::cli {
namespace {

// man(7): a backslash escapes, a line may not begin with a dot or an apostrophe, and a hyphen that is typed
// is a minus.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

void print_options(const CommandInfo& command, bool common) {
  for (const OptionInfo& option : command.options) {
    if (option.common != common) continue;
    const std::string type = option.type.empty() ? "" : " \\fI" + roff(option.type) + "\\fR";
    const std::string names = option.positional ? "" : "\\fB" + roff(join(option.names, ", ")) + "\\fR";
    print_out(".TP\n{}{}\n{}\n", names, type, roff(option.help));
  }
}

void print_command(const Subcommand& listed) {
  const CommandInfo command = describe(listed);
  print_out(".SS hangar {}\n{}\n", roff(command.name), roff(command.about));
  print_options(command, /*common=*/false);
  if (!command.example.empty()) print_out(".PP\nExamples:\n.PP\n.nf\n{}\n.fi\n", roff(command.example));
}

constexpr const char* head = R"(.TH HANGAR 1 "" "hangar VERSION" "User Commands"
.SH NAME
hangar \- test Linux kernels for memory\-management bugs that make a system hang
.SH SYNOPSIS
.B hangar
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
Hangar boots kernels in QEMU, runs programs that provoke a bug, and reads the console. It reports whether a kernel hung,
for how long, and which processes the OOM killer killed. It compares kernels by repeated runs.
.SH COMMANDS
)";

constexpr const char* tail = R"(.SH FILES
.TP
\fI$XDG_CACHE_HOME/hangar\fR, as root \fI/var/cache/hangar\fR
Kernels, images and saved guests. \fBhangar cache\fR lists and prunes them.
.TP
\fI$XDG_STATE_HOME/hangar\fR, as root \fI/var/lib/hangar\fR
Stored runs and their index. \fBhangar runs\fR lists and prunes them.
.TP
\fIkernels/\fR, \fIreproducers/\fR, \fIimages/\fR
Kernel specs, scenarios and the guest's programs, in Hangar's source tree or its installed data.
.SH ENVIRONMENT
.TP
.B HANGAR_HOME
The folder for cache and state, as \fB\-\-home\fR.
.TP
.B HANGAR_SOURCE
The source tree with kernels/, reproducers/ and images/.
.TP
.B NO_COLOR
No colours on a terminal, as \fB\-\-no\-color\fR.
.SH EXIT STATUS
.TP
.B 0
All runs passed, or the command succeeded.
.TP
.B 1
A verdict is fail or inconclusive.
.TP
.B 2
The input is wrong: an option, a YAML file, a patch that conflicts, a kernel that does not compile.
.TP
.B 3
The host failed (disk, package, QEMU or libvirt), or Hangar has an internal error.
.TP
.B 130
Interrupted.
.SH SEE ALSO
.BR qemu-system-x86_64 (1),
.BR git-bisect (1),
.BR crash (8)
.PP
\fBhangar help\fR lists further pages.
)";

std::string with_version(std::string text) {
  constexpr std::string_view word = "VERSION";
  return text.replace(text.find(word), word.size(), HANGAR_VERSION);
}

}  // namespace

Result<int> man_command(const Args& /*args*/) {
  print_out("{}", with_version(head));
  for (const Subcommand& command : subcommands()) {
    if (command.summary != nullptr) print_command(command);
  }
  print_out(".SH COMMON OPTIONS\nEvery command takes these.\n");
  print_options(describe(subcommands().front()), /*common=*/true);
  print_out("{}", tail);
  return 0;
}

}  // namespace hangar::cli
