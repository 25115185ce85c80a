// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace hangar::live {

// Notices that the kernel died in some context: an oops, a BUG() or a fault of the kernel, as distinct from a
// WARNING, after which the guest is as alive as before. Reads the console's bytes in whatever pieces they
// come and looks for the header that die() prints for each of them, "Oops: 0002 [#1] PREEMPT SMP"
// (arch/x86/kernel/ dumpstack.c, __die_header(); "[#1]" is die_counter, since 2.6.12 at least). The log
// engine names the crash, but only once its whole report has come.
class OopsWatch {
 public:
  void feed(std::string_view bytes);
  [[nodiscard]] bool seen() const { return seen_; }

 private:
  bool seen_ = false;
  std::string tail_;  // of what came before: a header may be cut anywhere
};

}  // namespace hangar::live
