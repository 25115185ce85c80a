// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/index_schema.h"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace hangar::store {
namespace {

using Statements = std::vector<const char*>;

// Each step takes a database from the version that is its position to the next. A step that has been released
// is never changed: a database may have gone through it.
const std::vector<Statements>& steps() {
  static const std::vector<Statements> all = {
      // The first version did not number itself: its table may exist.
      {"CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, experiment TEXT NOT NULL,"
       " scenario TEXT NOT NULL, kernel TEXT NOT NULL, verdict TEXT NOT NULL, started_unix REAL NOT NULL,"
       " wall_s REAL NOT NULL, directory TEXT NOT NULL)",
       "CREATE INDEX IF NOT EXISTS runs_experiment ON runs (experiment)"},
      // An earlier program writes rows without the new columns: they get these defaults and are read again.
      {"ALTER TABLE runs ADD COLUMN read_as INTEGER NOT NULL DEFAULT 1",
       "ALTER TABLE runs ADD COLUMN judged_ns INTEGER NOT NULL DEFAULT 0",
       "ALTER TABLE runs ADD COLUMN kernel_release TEXT", "ALTER TABLE runs ADD COLUMN kernel_revision TEXT",
       "ALTER TABLE runs ADD COLUMN kernel_dirty INTEGER",
       "ALTER TABLE runs ADD COLUMN kernel_signature TEXT",
       "ALTER TABLE runs ADD COLUMN kernel_config_digest TEXT", "ALTER TABLE runs ADD COLUMN append TEXT",
       "ALTER TABLE runs ADD COLUMN end TEXT", "ALTER TABLE runs ADD COLUMN hangs INTEGER",
       "ALTER TABLE runs ADD COLUMN longest_hang_s REAL",
       "ALTER TABLE runs ADD COLUMN longest_hang_censored INTEGER",
       "ALTER TABLE runs ADD COLUMN hang_kinds TEXT", "ALTER TABLE runs ADD COLUMN kills INTEGER",
       "ALTER TABLE runs ADD COLUMN victims TEXT",
       "CREATE TABLE crashes (run TEXT NOT NULL, title TEXT NOT NULL, PRIMARY KEY (run, title))",
       "CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN DELETE FROM crashes WHERE run = OLD.id; END"},
  };
  return all;
}

Result<void> take_steps(const Sqlite& database, int from) {
  for (auto step = static_cast<std::size_t>(from); step < steps().size(); ++step) {
    for (const char* statement : steps()[step]) TRY(database.run(statement));
  }
  return database.run(fmt::format("PRAGMA user_version = {}", index_version));
}

}  // namespace

Result<int> version_of(const Sqlite& database) {
  int version = 0;
  TRY(database.run("PRAGMA user_version", {},
                   [&](const SqlRow& row) { version = static_cast<int>(row.number(0)); }));
  return version;
}

Result<void> migrate(const Sqlite& database) {
  TRY_ASSIGN(const int before, version_of(database));
  if (before >= index_version) return {};
  return in_transaction(database, [&]() -> Result<void> {
    TRY_ASSIGN(const int version, version_of(database));  // by another process, meanwhile
    return version >= index_version ? Result<void>() : take_steps(database, version);
  });
}

Result<void> make_empty(const Sqlite& database) {
  for (const char* table : {"crashes", "runs"})
    TRY(database.run(fmt::format("DROP TABLE IF EXISTS {}", table)));
  return take_steps(database, 0);
}

Result<void> in_transaction(const Sqlite& database, const std::function<Result<void>()>& body) {
  TRY(database.run("BEGIN IMMEDIATE"));
  Result<void> done = body();
  if (done) done = database.run("COMMIT");
  if (!done) database.roll_back();
  return done;
}

}  // namespace hangar::store
