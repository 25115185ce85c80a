// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/sqlite.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>

namespace hangar::store {
namespace {

constexpr int busy_ms = 10000;

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(const std::string& text) const {
    return sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
  int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
};

}  // namespace

std::string SqlRow::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr ? ""
                          : std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

double SqlRow::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::int64_t SqlRow::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool SqlRow::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Sqlite::Closer::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

Error Sqlite::failure(const std::string& doing) const {
  failure_ = sqlite3_errcode(connection_.get());
  return infra_error(
      fmt::format("cannot {} {}: {}", doing, file_.string(), sqlite3_errmsg(connection_.get())));
}

bool Sqlite::damaged() const {
  return failure_ == SQLITE_CORRUPT || failure_ == SQLITE_NOTADB || failure_ == SQLITE_ERROR;
}

void Sqlite::roll_back() const {
  (void)sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

// Of two that turn the same new database, one is refused at once: SQLite asks for the lock from within a read
// (sqlite3BtreeSetVersion), and there it does not wait, whatever sqlite3_busy_timeout is.
Result<void> Sqlite::use_write_ahead_log() const {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_ms);
  for (;;) {
    Result<void> turned = run("PRAGMA journal_mode=WAL");
    const bool busy = sqlite3_errcode(connection_.get()) == SQLITE_BUSY;
    if (turned || !busy || std::chrono::steady_clock::now() > give_up) return turned;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Result<Sqlite> Sqlite::open(const fs::path& file) {
  Sqlite made;
  made.file_ = file;
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  made.connection_.reset(raw);
  if (code != SQLITE_OK) return made.failure("open");
  sqlite3_busy_timeout(raw, busy_ms);
  return made;
}

Result<void> Sqlite::run(const std::string& sql, const std::vector<SqlValue>& values,
                         const std::function<void(const SqlRow&)>& on_row) const {
  sqlite3_stmt* raw = nullptr;
  const int prepared =
      sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalizer> statement(raw);
  if (prepared != SQLITE_OK) return failure("use");
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::visit(Binder{raw, static_cast<int>(i) + 1}, values[i]) != SQLITE_OK) return failure("use");
  }
  int step = SQLITE_OK;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
    if (on_row) on_row(SqlRow(raw));
  }
  if (step != SQLITE_DONE) return failure("use");
  return {};
}

}  // namespace hangar::store
