// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/vm/machine.h"
#include "harness/vm/virt_types.h"

// QEMU's monitor, reached through libvirt, for what libvirt has no word for.
namespace hangar::vm {

// Runs one QMP command without arguments or with the JSON object `arguments`; returns its "return"
// value as JSON text. A QMP error is an Error.
[[nodiscard]] Result<std::string> qmp(virDomain* domain, const std::string& command,
                                      const std::string& arguments = {});
// Runs one command of the human monitor and returns what it printed.
[[nodiscard]] Result<std::string> hmp(virDomain* domain, const std::string& line);

// The text of `info registers -a`, one sample for each CPU in it; parts that cannot be read are left out.
[[nodiscard]] std::vector<VcpuSample> parse_registers(std::string_view text);
// The value of a string member of a JSON object; "" if there is none.
[[nodiscard]] std::string json_string(const std::string& object, const std::string& member);

}  // namespace hangar::vm
