// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Core dumps of a guest. QEMU writes them in makedumpfile's flattened form, for pipes: a header of 4096
// bytes, then records of offset and size (big-endian, 8 bytes each) and data, up to an offset of -1. crash
// reads that, other readers want the file itself. makedumpfile -R would write it, but it did not end within 5
// s for a torn dump (1.7.2), and the kernel's name would still be missing.
namespace hangar::vm {

// A kdump-compressed file, not flattened: begins with "KDUMP   ".
[[nodiscard]] bool is_kdump(const fs::path& file);

// Writes the file that a flattened dump describes. A dump that is not flattened, or torn, is an Error.
[[nodiscard]] Result<void> unflatten_dump(const fs::path& flattened, const fs::path& to);

// Writes the kernel's name into the header of a kdump file, where QEMU leaves all but the machine empty:
// libkdumpfile, which drgn reads dumps with, knows the machine only of a header that names a Linux kernel
// ("KDUMP_ATTR_ARCH_NAME: Key has no value"). The release is that of the kernel's own notes (VMCOREINFO), or
// "unknown" when the dump has none. A header that has a name is left as it is.
[[nodiscard]] Result<void> name_kernel(const fs::path& kdump);

}  // namespace hangar::vm
