// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace hangar::vm {

// QEMU's own messages in libvirt's log file of a domain: without the environment, the command line and
// libvirt's own lines. Of several starts the last.
[[nodiscard]] std::string qemu_words(std::string_view log);

}  // namespace hangar::vm
