// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/index_file.h"

#include <optional>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/store/index_schema.h"

namespace hangar::store {
namespace {

constexpr std::uintmax_t small_file = 16ull << 20;

// The database, or why this version cannot use it.
struct Attempt {
  std::optional<Sqlite> database;
  std::string suffix;  // that the file gets
  std::string why;
};

Attempt damaged() {
  return {std::nullopt, ".damaged", "is damaged"};
}

Attempt newer(int version) {
  return {
      std::nullopt, fmt::format(".version-{}", version),
      fmt::format("has version {} of a newer Hangar (this one knows version {})", version, index_version)};
}

Result<void> prepare(const Sqlite& database) {
  TRY(database.use_write_ahead_log());
  // A power cut may lose the last rows: they are read from the directories again.
  TRY(database.run("PRAGMA synchronous=NORMAL"));
  TRY(migrate(database));
  // Tables of another shape.
  return database.run("SELECT directory, read_as, victims, title FROM runs, crashes LIMIT 1");
}

Result<bool> all_pages_good(const Sqlite& database, const fs::path& file, PageCheck check) {
  if (check == PageCheck::small_files && fs::file_size(file).value_or(0) > small_file) return true;
  std::string found = "ok";
  TRY(database.run("PRAGMA quick_check(1)", {}, [&](const SqlRow& row) { found = row.text(0); }));
  return found == "ok";
}

Result<Attempt> try_to_open(const fs::path& file, PageCheck check) {
  TRY_ASSIGN(Sqlite database, Sqlite::open(file));
  const auto version = version_of(database);
  if (!version && database.damaged()) return damaged();
  TRY(version);
  if (*version > index_version) return newer(*version);
  auto prepared = prepare(database);
  if (!prepared && database.damaged()) return damaged();
  TRY(prepared);
  auto good = all_pages_good(database, file, check);
  if (!good && !database.damaged()) return std::move(good).error();
  if (!good || !*good) return damaged();
  return Attempt{std::move(database), {}, {}};
}

// With its log: the rows that are only there are part of it.
Result<void> set_aside(const fs::path& file, const std::string& suffix) {
  const fs::path aside = file.string() + suffix;
  TRY(fs::remove(file.string() + "-shm"));
  TRY(fs::remove(aside.string() + "-wal"));
  if (fs::exists(file.string() + "-wal")) TRY(fs::rename(file.string() + "-wal", aside.string() + "-wal"));
  return fs::rename(file, aside);
}

}  // namespace

Result<IndexFile> open_index_file(const fs::path& file, PageCheck check) {
  TRY_ASSIGN(Attempt attempt, try_to_open(file, check));
  if (attempt.database) return IndexFile{std::move(*attempt.database), {}};
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(file.string() + ".lock"));
  TRY_ASSIGN(attempt, try_to_open(file, check));  // another process may have replaced it meanwhile
  if (attempt.database) return IndexFile{std::move(*attempt.database), {}};
  TRY(set_aside(file, attempt.suffix));
  TRY_ASSIGN(Attempt made, try_to_open(file, check));
  if (!made.database)
    return infra_error(fmt::format("{} cannot be used and cannot be replaced: remove it", file.string()));
  return IndexFile{std::move(*made.database),
                   {fmt::format("{} {}: the index was built again from the run folders; the old file is {}{}",
                                file.string(), attempt.why, file.filename().string(), attempt.suffix)}};
}

}  // namespace hangar::store
