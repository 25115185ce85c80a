// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/machine.h"

namespace hangar::vm {

const char* to_string(Phase phase) {
  switch (phase) {
    case Phase::none:
      return "none";
    case Phase::running:
      return "running";
    case Phase::paused:
      return "paused";
    case Phase::crashed:
      return "crashed";
    case Phase::off:
      return "off";
  }
  return "none";
}

// The break is in the UART when its command returns, so the key cannot overtake it; the guest takes a key as
// SysRq for 5 s after a break.
Result<void> Machine::send_sysrq(char key) {
  TRY(send_break());
  return send_console(std::string_view(&key, 1));
}

}  // namespace hangar::vm
