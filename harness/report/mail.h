// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/report/cells.h"
#include "harness/report/log_extract.h"
#include "harness/report/tracks.h"

// A bug report in plain text, for a mailing list (Documentation/process/email-clients.rst of the kernel:
// lines of prose have at most 72 columns, lines of logs and code are not wrapped).
namespace hangar::report {

// What the kernel was built from, in words; "" for what is not known.
struct KernelText {
  std::string source;    // "debian linux-source-6.1, 6.1.192"
  std::string revision;  // the commit, and whether the tree had uncommitted changes
  std::string patches;   // "memalloc-info, oom-2015"
  std::string config;    // "base, ext4; .config sha256 0123..."
  std::string diff;      // uncommitted changes, as a diff
};

// How to run the program without Hangar.
struct ProgramText {
  std::string name;    // "oom-kill"
  std::string source;  // one C file, with what it includes from Hangar
};

struct MailInputs {
  const Run* run = nullptr;  // with a record: the example
  const Cell* cell = nullptr;
  std::vector<const Cell*> beside;  // what other kernels did with the same scenario
  KernelText kernel;
  std::vector<ProgramText> programs;  // of a sequence: each of its programs once
  Tracks tracks;
  LogExtract log;
  std::vector<std::string> commands;
};

// "memory-stall in __vm_munmap for at least 31.0 s"; "no hang and no crash" if there was neither.
[[nodiscard]] std::string bug_title(const verdict::Outcome& outcome);

[[nodiscard]] std::string to_mail(const MailInputs& inputs);

}  // namespace hangar::report
