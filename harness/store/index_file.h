// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/store/sqlite.h"

// The file of the index. What cannot be used is renamed and made again, since the run directories have all
// that was in it: `hangar.db.damaged`, and `hangar.db.version-3` of a newer Hangar.
namespace hangar::store {

struct IndexFile {
  Sqlite database;                 // with the tables of index_version
  std::vector<std::string> notes;  // what was renamed, and why
};

enum class PageCheck {
  small_files,  // below 16 MiB a check of all pages costs a few milliseconds
  all_files,
};

[[nodiscard]] Result<IndexFile> open_index_file(const fs::path& file, PageCheck check);

}  // namespace hangar::store
