// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/index.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/store/index_file.h"
#include "harness/store/index_schema.h"
#include "harness/store/run_directory.h"
#include "harness/store/sqlite.h"

namespace hangar::store {
namespace {

constexpr const char* columns =
    "id, experiment, scenario, kernel, verdict, started_unix, wall_s, directory, judged_ns, kernel_release,"
    " kernel_revision, kernel_dirty, kernel_signature, kernel_config_digest, append, end, hangs,"
    " longest_hang_s, longest_hang_censored, hang_kinds, kills, victims";
constexpr const char* insert =
    "INSERT OR REPLACE INTO runs ({}, read_as) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
// Rows that are written in one transaction, which keeps other writers waiting for less than a second.
constexpr std::size_t batch = 256;

Result<std::set<std::string>> ids_on_disk(const fs::path& runs) {
  std::set<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(runs));
  for (const auto& entry : entries) {
    std::string name = entry.path().filename().string();
    if (is_id(name)) ids.insert(std::move(name));
  }
  return ids;
}

SqlValue null_if_empty(const std::string& text) {
  return text.empty() ? SqlValue(nullptr) : SqlValue(text);
}

// A comma within a name would make two names of it.
std::string joined(std::vector<std::string> names) {
  for (std::string& name : names) std::replace(name.begin(), name.end(), ',', '_');
  return join(names, ",");
}

std::vector<std::string> parts(const std::string& text) {
  if (text.empty()) return {};
  const auto views = split(text, ',');
  return {views.begin(), views.end()};
}

void add_facts(const std::optional<RunFacts>& facts, std::vector<SqlValue>& values) {
  constexpr std::size_t fields = 7;
  if (!facts) {
    values.insert(values.end(), fields, nullptr);
    return;
  }
  values.insert(values.end(),
                {facts->end, facts->hangs, facts->longest_hang_s, std::int64_t{facts->longest_hang_censored},
                 joined(facts->hang_kinds), facts->kills, joined(facts->victims)});
}

std::optional<RunFacts> facts_from(const SqlRow& row, int first) {
  if (row.is_null(first)) return std::nullopt;
  RunFacts facts;
  facts.end = row.text(first);
  facts.hangs = row.integer(first + 1);
  facts.longest_hang_s = row.number(first + 2);
  facts.longest_hang_censored = row.integer(first + 3) != 0;
  facts.hang_kinds = parts(row.text(first + 4));
  facts.kills = row.integer(first + 5);
  facts.victims = parts(row.text(first + 6));
  return facts;
}

RunRow row_from(const SqlRow& row, const fs::path& state) {
  RunRow run;
  run.id = row.text(0);
  run.experiment = row.text(1);
  run.scenario = row.text(2);
  run.kernel = row.text(3);
  run.verdict = row.text(4);
  run.started_unix = row.number(5);
  run.wall_s = row.number(6);
  run.directory = state / row.text(7);
  run.judged_ns = row.integer(8);
  run.kernel_release = row.text(9);
  run.kernel_revision = row.text(10);
  if (!row.is_null(11)) run.kernel_dirty = row.integer(11) != 0;
  run.kernel_signature = row.text(12);
  run.kernel_config_digest = row.text(13);
  run.append = row.text(14);
  run.facts = facts_from(row, 15);
  return run;
}

std::vector<SqlValue> values_of(const RunRow& row, const fs::path& state) {
  // Kept relative, so that the state folder can be moved.
  const std::string directory = row.directory.lexically_relative(state).string();
  std::vector<SqlValue> values = {row.id,
                                  row.experiment,
                                  row.scenario,
                                  row.kernel,
                                  row.verdict,
                                  row.started_unix,
                                  row.wall_s,
                                  directory.empty() ? row.directory.string() : directory,
                                  row.judged_ns,
                                  null_if_empty(row.kernel_release),
                                  null_if_empty(row.kernel_revision),
                                  row.kernel_dirty ? SqlValue(std::int64_t{*row.kernel_dirty}) : nullptr,
                                  null_if_empty(row.kernel_signature),
                                  null_if_empty(row.kernel_config_digest),
                                  null_if_empty(row.append)};
  add_facts(row.facts, values);
  values.emplace_back(std::int64_t{index_version});
  return values;
}

// "WHERE A AND B", or nothing.
struct Conditions {
  std::string text;
  std::vector<SqlValue> values;

  void add(const std::string& condition, const std::vector<SqlValue>& bound) {
    text += (text.empty() ? "WHERE " : " AND ") + condition;
    values.insert(values.end(), bound.begin(), bound.end());
  }
};

// LIKE without its wild cards: a range over the key's own index.
std::vector<SqlValue> prefix_range(const std::string& prefix) {
  return {prefix, prefix + "\x7f"};
}

}  // namespace

struct Index::Database {
  Sqlite sql;
  fs::path state;
  std::vector<std::string> notes = {};
  std::vector<UnreadableRun> unreadable = {};

  [[nodiscard]] Result<std::vector<RunRow>> select(const std::string& rest,
                                                   const std::vector<SqlValue>& values) const {
    std::vector<RunRow> rows;
    TRY(sql.run(fmt::format("SELECT {} FROM runs {}", columns, rest), values,
                [&](const SqlRow& row) { rows.push_back(row_from(row, state)); }));
    for (RunRow& run : rows) {
      if (!run.facts) continue;
      TRY(sql.run("SELECT title FROM crashes WHERE run = ? ORDER BY rowid", {run.id},
                  [&](const SqlRow& row) { run.facts->crashes.push_back(row.text(0)); }));
    }
    return rows;
  }

  // Within a transaction.
  [[nodiscard]] Result<void> put(const RunRow& row) const {
    TRY(sql.run("DELETE FROM crashes WHERE run = ?", {row.id}));
    TRY(sql.run(fmt::format(insert, columns), values_of(row, state)));
    if (!row.facts) return {};
    for (const std::string& title : row.facts->crashes)
      TRY(sql.run("INSERT OR IGNORE INTO crashes (run, title) VALUES (?,?)", {row.id, title}));
    return {};
  }

  // Directories that the table lacks are added, rows whose directory is gone are removed, and runs that were
  // unfinished, have been judged since or were read by an earlier version are read again.
  [[nodiscard]] Result<void> catch_up() {
    TRY_ASSIGN(std::set<std::string> unknown, ids_on_disk(state / "runs"));
    std::vector<std::string> gone;
    TRY(sql.run("SELECT id, verdict, directory, read_as, judged_ns FROM runs", {}, [&](const SqlRow& row) {
      const auto at = unknown.find(row.text(0));
      const fs::path directory = state / row.text(2);
      // Looked at again: another process may have added this run since the folder was listed.
      if (at == unknown.end() && !fs::exists(directory)) gone.push_back(row.text(0));
      const bool current = row.text(1) != "unfinished" && row.integer(3) == index_version &&
                           row.integer(4) == judged_ns(directory);
      if (at != unknown.end() && current) unknown.erase(at);
    }));
    if (!gone.empty()) TRY(in_transaction(sql, [&] { return forget(gone); }));
    const std::vector<std::string> all(unknown.begin(), unknown.end());
    for (std::size_t from = 0; from < all.size(); from += batch) {
      const std::vector<std::string> some(
          all.begin() + static_cast<std::ptrdiff_t>(from),
          all.begin() + static_cast<std::ptrdiff_t>(std::min(from + batch, all.size())));
      TRY(in_transaction(sql, [&] { return read_again(some); }));
    }
    return {};
  }

  [[nodiscard]] Result<void> forget(const std::vector<std::string>& ids) const {
    for (const std::string& id : ids) TRY(sql.run("DELETE FROM runs WHERE id = ?", {id}));
    return {};
  }

  // The directories are read within the transaction: who changes one later writes its row later.
  [[nodiscard]] Result<void> read_again(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      const fs::path directory = state / "runs" / id;
      auto row = read_row(directory);
      TRY(row ? put(*row) : forget({id}));
      // A run that is only beginning has no run.json yet.
      if (!row && fs::exists(directory / names::run))
        unreadable.push_back({id, directory, std::move(row).error().message});
    }
    return {};
  }
};

Index::Index(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
Index::~Index() = default;

Result<Index> Index::open_file(const fs::path& given, bool again) {
  TRY_ASSIGN(const fs::path whole, fs::absolute(given));
  const fs::path state = whole.lexically_normal();
  TRY(fs::create_directories(state));
  const PageCheck check = again ? PageCheck::all_files : PageCheck::small_files;
  TRY_ASSIGN(IndexFile file, open_index_file(state / file_name, check));
  auto database =
      std::make_unique<Database>(Database{std::move(file.database), state, std::move(file.notes)});
  if (again) TRY(in_transaction(database->sql, [&] { return make_empty(database->sql); }));
  TRY(database->catch_up());
  return Index(std::move(database));
}

Result<Index> Index::open(const fs::path& state) {
  return open_file(state, /*again=*/false);
}

Result<Index> Index::rebuild(const fs::path& state) {
  return open_file(state, /*again=*/true);
}

Result<void> Index::add_or_replace(const RunRow& row) {
  return in_transaction(database_->sql, [&] { return database_->put(row); });
}

Result<void> Index::add_directory(const fs::path& directory) {
  return in_transaction(database_->sql, [&]() -> Result<void> {
    TRY_ASSIGN(const RunRow row, read_row(directory));
    return database_->put(row);
  });
}

Result<void> Index::remove(const std::string& id) {
  return database_->forget({id});
}

Result<std::size_t> Index::size() const {
  std::size_t count = 0;
  TRY(database_->sql.run("SELECT count(*) FROM runs", {},
                         [&](const SqlRow& row) { count = static_cast<std::size_t>(row.integer(0)); }));
  return count;
}

Result<std::vector<std::string>> Index::kernels() const {
  std::vector<std::string> names;
  TRY(database_->sql.run("SELECT DISTINCT kernel FROM runs ORDER BY kernel", {},
                         [&](const SqlRow& row) { names.push_back(row.text(0)); }));
  return names;
}

Result<std::vector<RunRow>> Index::find(const RunFilter& filter, std::size_t count) const {
  Conditions conditions;
  std::vector<std::string> marks(filter.kernels.size(), "?");
  if (!marks.empty()) {
    conditions.add(fmt::format("kernel IN ({})", join(marks, ",")),
                   {filter.kernels.begin(), filter.kernels.end()});
  }
  if (!filter.scenario.empty()) conditions.add("scenario = ?", {filter.scenario});
  if (!filter.verdict.empty()) conditions.add("verdict = ?", {filter.verdict});
  if (!filter.from.empty()) conditions.add("id >= ?", {filter.from});
  if (!filter.until.empty()) conditions.add("id < ?", {filter.until});
  if (filter.hung) conditions.add("hangs > 0", {});
  if (!filter.crash.empty()) {
    conditions.add("id IN (SELECT run FROM crashes WHERE instr(lower(title), lower(?)) > 0)", {filter.crash});
  }
  if (!filter.signature.empty()) {
    // Also without the version before the dash.
    conditions.add(
        "(substr(kernel_signature, 1, length(?)) = ? OR"
        " substr(kernel_signature, instr(kernel_signature, '-') + 1, length(?)) = ?)",
        std::vector<SqlValue>(4, filter.signature));
  }
  conditions.values.emplace_back(static_cast<std::int64_t>(count));
  return database_->select(conditions.text + " ORDER BY id DESC LIMIT ?", conditions.values);
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

const std::vector<std::string>& Index::notes() const {
  return database_->notes;
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
