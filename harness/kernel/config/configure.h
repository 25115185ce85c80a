// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/result.h"
#include "harness/kernel/build/inputs.h"
#include "harness/kernel/build/make.h"
#include "harness/kernel/build/slot.h"
#include "harness/kernel/config/kconfig.h"

namespace hangar::kernel {

// Makes src/obj/.config: tinyconfig, the fragments over it, olddefconfig. Then compares it with the
// fragments: a symbol that was not granted is a user error that names symbol, fragment and reason. `make`
// lends tools and log.
[[nodiscard]] Result<void> configure(const Slot& slot, const Inputs& inputs, const Slot* base, Make make);

// The error for what was refused; the reasons come from the tree's Kconfig files.
[[nodiscard]] Error refusal_error(const std::vector<Refusal>& refusals, const Config& granted,
                                  const Kconfig& kconfig, const std::string& label);

}  // namespace hangar::kernel
