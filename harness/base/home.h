// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"

// Where Hangar keeps things between runs: kernel artifacts, images and saved guests in `cache`, runs and the
// database in `state`.
namespace hangar {

struct Home {
  fs::path cache;
  fs::path state;
};

// `given` (--home) or HANGAR_HOME: D/cache and D/state. Else XDG's folders; as root the system's, since an
// unprivileged QEMU cannot read root's home.
[[nodiscard]] Home find_home(const std::optional<fs::path>& given);
// As find_home(). A folder that does not exist yet is fine, and empty. One that exists and cannot be read is
// an error, which names the option or the variable that chose it.
[[nodiscard]] Result<Home> usable_home(const std::optional<fs::path>& given);

// The checkout (or the installed data) that holds kernels/, reproducers/ and images/: HANGAR_SOURCE, else the
// nearest parent of the working folder that has them, else that of the program itself, else share/hangar
// beside it. Nothing if there is none; an error if HANGAR_SOURCE names a folder that is none.
[[nodiscard]] Result<std::optional<fs::path>> find_source_tree();

// reproducers/ and tests/guests/ of a source tree: programs that show bugs of the kernel, and programs that
// test Hangar itself. A name is looked up in this order.
[[nodiscard]] std::vector<fs::path> program_folders(const fs::path& source_tree);
// The folder NAME in one of them; none has it: that in reproducers/.
[[nodiscard]] fs::path program_folder(const fs::path& source_tree, const std::string& name);

}  // namespace hangar
