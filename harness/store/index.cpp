// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/index.h"

#include <optional>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"
#include "harness/store/sqlite.h"

namespace hangar::store {
namespace {

constexpr const char* table =
    "CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, experiment TEXT NOT NULL, scenario TEXT NOT NULL,"
    " kernel TEXT NOT NULL, verdict TEXT NOT NULL, started_unix REAL NOT NULL, wall_s REAL NOT NULL,"
    " directory TEXT NOT NULL)";
constexpr const char* experiment_index = "CREATE INDEX IF NOT EXISTS runs_experiment ON runs (experiment)";
constexpr const char* columns = "id, experiment, scenario, kernel, verdict, started_unix, wall_s, directory";
// Below this, a check of all pages costs a few milliseconds.
constexpr std::uintmax_t check_up_to = 16ull << 20;

Result<void> prepare(const Sqlite& database) {
  TRY(database.use_write_ahead_log());
  // A power cut may lose the last rows: they are read from the directories again.
  TRY(database.run("PRAGMA synchronous=NORMAL"));
  TRY(database.run(table));
  TRY(database.run(experiment_index));
  return database.run(fmt::format("SELECT {} FROM runs LIMIT 1", columns));  // a table of another shape
}

Result<bool> all_pages_good(const Sqlite& database, const fs::path& file) {
  if (fs::file_size(file).value_or(0) > check_up_to) return true;
  std::string found = "ok";
  TRY(database.run("PRAGMA quick_check(1)", {}, [&](const SqlRow& row) { found = row.text(0); }));
  return found == "ok";
}

// The database, or nothing when it is damaged.
Result<std::optional<Sqlite>> open_if_sound(const fs::path& file) {
  TRY_ASSIGN(Sqlite database, Sqlite::open(file));
  auto prepared = prepare(database);
  if (!prepared && database.damaged()) return std::optional<Sqlite>();
  TRY(prepared);
  auto good = all_pages_good(database, file);
  if (!good && !database.damaged()) return std::move(good).error();
  if (!good || !*good) return std::optional<Sqlite>();
  return std::optional<Sqlite>(std::move(database));
}

// A damaged one is renamed and made again: the directories have all that was in it.
Result<Sqlite> open_or_remake(const fs::path& file) {
  TRY_ASSIGN(auto database, open_if_sound(file));
  if (database) return std::move(*database);
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(file.string() + ".lock"));
  TRY_ASSIGN(auto mended, open_if_sound(file));  // by another process, meanwhile
  if (mended) return std::move(*mended);
  for (const char* suffix : {"-wal", "-shm"}) TRY(fs::remove(file.string() + suffix));
  TRY(fs::rename(file, file.string() + ".damaged"));
  TRY_ASSIGN(auto remade, open_if_sound(file));
  if (remade) return std::move(*remade);
  return infra_error(fmt::format("{} is damaged and cannot be replaced: remove it", file.string()));
}

Result<std::set<std::string>> ids_on_disk(const fs::path& runs) {
  std::set<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(runs));
  for (const auto& entry : entries) {
    std::string name = entry.path().filename().string();
    if (is_id(name)) ids.insert(std::move(name));
  }
  return ids;
}

Result<RunRow> read_row(const fs::path& directory) {
  TRY_ASSIGN(const RunDirectory run, RunDirectory::open(directory));
  TRY_ASSIGN(const RunInfo info, run.load_info());
  const std::string verdict = run.verdict();
  return RunRow{run.id(),
                info.experiment,
                info.scenario,
                info.kernel,
                verdict.empty() ? "unfinished" : verdict,
                info.started_unix,
                info.wall_s,
                run.path()};
}

// LIKE without its wild cards: a range over the key's own index.
std::vector<SqlValue> prefix_range(const std::string& prefix) {
  return {prefix, prefix + "\x7f"};
}

}  // namespace

struct Index::Database {
  Sqlite sql;
  fs::path state;
  std::vector<UnreadableRun> unreadable = {};

  [[nodiscard]] Result<std::vector<RunRow>> select(const std::string& rest,
                                                   const std::vector<SqlValue>& values) const {
    std::vector<RunRow> rows;
    TRY(sql.run(fmt::format("SELECT {} FROM runs {}", columns, rest), values, [&](const SqlRow& row) {
      rows.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.number(5),
                      row.number(6), state / row.text(7)});
    }));
    return rows;
  }

  [[nodiscard]] Result<void> put(const RunRow& row) const {
    // Kept relative, so that the state folder can be moved.
    const std::string directory = row.directory.lexically_relative(state).string();
    return sql.run(fmt::format("INSERT OR REPLACE INTO runs ({}) VALUES (?,?,?,?,?,?,?,?)", columns),
                   {row.id, row.experiment, row.scenario, row.kernel, row.verdict, row.started_unix,
                    row.wall_s, directory.empty() ? row.directory.string() : directory});
  }

  // Directories that the table lacks are added, rows whose directory is gone are removed, and runs that were
  // unfinished are looked at again.
  [[nodiscard]] Result<void> catch_up() {
    TRY_ASSIGN(std::set<std::string> missing, ids_on_disk(state / "runs"));
    std::vector<std::string> gone;
    TRY(sql.run("SELECT id, verdict, directory FROM runs", {}, [&](const SqlRow& row) {
      const auto at = missing.find(row.text(0));
      // Looked at again: another process may have added this run since the folder was listed.
      if (at == missing.end() && !fs::exists(state / row.text(2))) gone.push_back(row.text(0));
      if (at != missing.end() && row.text(1) != "unfinished") missing.erase(at);
    }));
    if (missing.empty() && gone.empty()) return {};
    TRY(sql.run("BEGIN IMMEDIATE"));
    Result<void> changed = apply(missing, gone);
    TRY(sql.run(changed ? "COMMIT" : "ROLLBACK"));
    return changed;
  }

  [[nodiscard]] Result<void> apply(const std::set<std::string>& missing,
                                   const std::vector<std::string>& gone) {
    for (const std::string& id : gone) TRY(sql.run("DELETE FROM runs WHERE id = ?", {id}));
    for (const std::string& id : missing) {
      auto row = read_row(state / "runs" / id);
      if (row) TRY(put(*row));
      // A run that is only beginning has no run.json yet.
      if (!row && fs::exists(state / "runs" / id / names::run))
        unreadable.push_back({id, state / "runs" / id, std::move(row).error().message});
    }
    return {};
  }
};

Index::Index(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
Index::~Index() = default;

Result<Index> Index::open(const fs::path& given) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(given));
  const fs::path state = whole.lexically_normal();
  TRY(fs::create_directories(state));
  TRY_ASSIGN(Sqlite sql, open_or_remake(state / "hangar.db"));
  auto database = std::make_unique<Database>(Database{std::move(sql), state});
  TRY(database->catch_up());
  return Index(std::move(database));
}

Result<void> Index::add_or_replace(const RunRow& row) {
  return database_->put(row);
}

Result<void> Index::add_directory(const fs::path& directory) {
  TRY_ASSIGN(const RunRow row, read_row(directory));
  return database_->put(row);
}

Result<void> Index::remove(const std::string& id) {
  return database_->sql.run("DELETE FROM runs WHERE id = ?", {id});
}

Result<std::vector<RunRow>> Index::latest(std::size_t count) const {
  return database_->select("ORDER BY id DESC LIMIT ?", {static_cast<std::int64_t>(count)});
}

Result<std::vector<RunRow>> Index::by_experiment(const std::string& experiment) const {
  return database_->select("WHERE experiment = ? ORDER BY id", {experiment});
}

const std::vector<UnreadableRun>& Index::unreadable() const {
  return database_->unreadable;
}

Result<RunRow> Index::resolve(const std::string& word) const {
  if (word == "last") {
    TRY_ASSIGN(const auto newest, latest(1));
    const auto& broken = unreadable();
    if (!broken.empty() && (newest.empty() || broken.back().id > newest[0].id))
      return user_error("the last run cannot be read: " + broken.back().why);
    if (newest.empty()) return user_error("no run is stored; start one with `hangar run`");
    return newest[0];
  }
  if (word.empty()) return user_error("an empty text is not a run: expected an id, its beginning, or `last`");
  TRY_ASSIGN(const auto rows,
             database_->select("WHERE id >= ? AND id < ? ORDER BY id LIMIT 5", prefix_range(word)));
  if (rows.size() == 1 || (!rows.empty() && rows[0].id == word)) return rows[0];
  if (rows.empty()) {
    for (const UnreadableRun& run : unreadable())
      if (run.id.starts_with(word)) return user_error(run.why);
    return user_error(fmt::format("no run `{}`; see `hangar list runs`", word));
  }
  std::string candidates;
  for (const RunRow& row : rows) candidates += "  " + row.id + "\n";
  return user_error(fmt::format("`{}` is ambiguous: several runs begin with it", word), candidates);
}

Result<std::string> Index::resolve_experiment(const std::string& word) const {
  std::vector<std::string> found;
  const auto take = [&](const SqlRow& row) { found.push_back(row.text(0)); };
  if (word == "last") {
    TRY(database_->sql.run("SELECT experiment FROM runs ORDER BY id DESC LIMIT 1", {}, take));
  } else if (!word.empty()) {
    TRY(database_->sql.run(
        "SELECT DISTINCT experiment FROM runs WHERE experiment >= ? AND experiment < ? ORDER BY 1 LIMIT 5",
        prefix_range(word), take));
  }
  if (found.empty()) return user_error(fmt::format("no experiment `{}`", word));
  if (found.size() > 1 && found[0] != word) {
    return user_error(fmt::format("`{}` is ambiguous: several experiments begin with it", word),
                      join(found, "\n"));
  }
  return found[0];
}

}  // namespace hangar::store
