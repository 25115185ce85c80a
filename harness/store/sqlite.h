// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// The little of SQLite that the index needs: an owned connection, and statements with bound values.
// SQLiteCpp reports every failure by an exception, none of which may leave this module: each call would need
// a handler, which is more code than this.
namespace hangar::store {

using SqlValue = std::variant<std::nullptr_t, std::string, double, std::int64_t>;

// The columns of one row, valid while the callback runs.
class SqlRow {
 public:
  explicit SqlRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Sqlite {
 public:
  // Made when missing. Waits for other processes' locks up to 10 s.
  [[nodiscard]] static Result<Sqlite> open(const fs::path& file);

  // One statement; `on_row` is called for each row of its result.
  [[nodiscard]] Result<void> run(const std::string& sql, const std::vector<SqlValue>& values = {},
                                 const std::function<void(const SqlRow&)>& on_row = {}) const;
  // Whether the last statement that failed shows that the file is not a sound database, rather than busy or
  // out of reach.
  [[nodiscard]] bool damaged() const;
  // Takes back the transaction that has begun, if there is one: some failures have done that already.
  void roll_back() const;
  // Turns a database into one with a write-ahead log, in which readers and a writer do not wait for each
  // other.
  [[nodiscard]] Result<void> use_write_ahead_log() const;

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  [[nodiscard]] Error failure(const std::string& doing) const;

  std::unique_ptr<sqlite3, Closer> connection_;
  fs::path file_;
  mutable int failure_ = 0;  // SQLite's code of the last failure
};

}  // namespace hangar::store
