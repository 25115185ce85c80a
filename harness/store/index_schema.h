// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>

#include "harness/store/sqlite.h"

// The tables of the index and the steps from each version of them to the next. README.md describes the
// columns.
namespace hangar::store {

// In the database as PRAGMA user_version; 0 is a new file, or one of the first version, which had no number.
inline constexpr int index_version = 2;

[[nodiscard]] Result<int> version_of(const Sqlite& database);
// Takes a database of any earlier version to index_version, in one transaction. Rows stay; those that an
// earlier version wrote have a `read_as` below index_version and have to be read again.
[[nodiscard]] Result<void> migrate(const Sqlite& database);
// Removes all tables, and makes those of index_version. The caller has begun a transaction.
[[nodiscard]] Result<void> make_empty(const Sqlite& database);

// Runs `body` in a transaction that has the write lock from its beginning, and takes back all of it if it
// fails.
[[nodiscard]] Result<void> in_transaction(const Sqlite& database, const std::function<Result<void>()>& body);

}  // namespace hangar::store
