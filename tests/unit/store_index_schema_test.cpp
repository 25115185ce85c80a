// SPDX-License-Identifier: GPL-2.0-only
// Databases of earlier versions of Hangar, and of later ones.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/store/index.h"
#include "harness/store/index_schema.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The statements of the first version, as it was released. It had no number.
constexpr const char* first_table =
    "CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, experiment TEXT NOT NULL, scenario TEXT NOT NULL,"
    " kernel TEXT NOT NULL, verdict TEXT NOT NULL, started_unix REAL NOT NULL, wall_s REAL NOT NULL,"
    " directory TEXT NOT NULL)";
constexpr const char* first_index = "CREATE INDEX IF NOT EXISTS runs_experiment ON runs (experiment)";
constexpr const char* first_insert =
    "INSERT OR REPLACE INTO runs (id, experiment, scenario, kernel, verdict, started_unix, wall_s, directory)"
    " VALUES (?,?,?,?,?,?,?,?)";

class IndexSchema : public testing::Test {
 protected:
  void SetUp() override {
    make_run("20260101-000000-aaaaaa", R"({"end":"done","hangs":[{"kind":"task","duration_s":12}],)"
                                       R"("oom_kills":[],"crashes":[{"title":"BUG in f"}]})");
    make_run("20260202-000000-bbbbbb", R"({"end":"done","hangs":[],"oom_kills":[],"crashes":[]})");
  }
  void make_run(const std::string& id, const std::string& outcome) const {
    const fs::path directory = state_.path() / "runs" / id;
    ASSERT_TRUE(fs::create_directories(directory));
    RunInfo info;
    info.id = id;
    info.experiment = "e";
    info.append = "swiotlb=force";
    ASSERT_TRUE(write_file(directory / names::run, to_json(info)));
    ASSERT_TRUE(write_file(directory / names::outcome, outcome));
    ASSERT_TRUE(write_file(directory / names::verdict, R"({"verdict":"fail"})"));
  }
  // What a program of the first version does when a run ends.
  static void insert_as_first_version(const Sqlite& database, const std::string& id,
                                      const std::string& verdict) {
    const auto done = database.run(first_insert, {id, "e", "", "", verdict, 0.0, 0.0, "runs/" + id});
    ASSERT_TRUE(done) << done.error().message;
  }
  void make_first_version() const {
    const auto database = Sqlite::open(file());
    ASSERT_TRUE(database && database->use_write_ahead_log());
    for (const char* statement : {first_table, first_index}) ASSERT_TRUE(database->run(statement));
    insert_as_first_version(*database, "20260101-000000-aaaaaa", "fail");
    insert_as_first_version(*database, "20260101-000000-dddddd", "pass");  // its folder is gone
  }
  [[nodiscard]] fs::path file() const { return state_.path() / Index::file_name; }
  [[nodiscard]] int version() const { return *version_of(*Sqlite::open(file())); }

  // All that the index has, as text.
  [[nodiscard]] std::vector<std::string> dump(const std::string& table) const {
    std::vector<std::string> lines;
    const auto database = Sqlite::open(file());
    std::vector<std::string> columns;
    EXPECT_TRUE(database->run("SELECT name FROM pragma_table_info('" + table + "')", {},
                              [&](const SqlRow& row) { columns.push_back(row.text(0)); }));
    EXPECT_TRUE(database->run("SELECT * FROM " + table + " ORDER BY 1, 2", {}, [&](const SqlRow& row) {
      std::string line;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        line += columns[i] + "=" +
                (row.is_null(static_cast<int>(i)) ? "null" : row.text(static_cast<int>(i))) + " ";
      }
      lines.push_back(line);
    }));
    return lines;
  }

  TempDir state_ = *TempDir::make(testing::TempDir(), "schema");
};

TEST_F(IndexSchema, EachStepLeadsToTheSameTablesAsANewDatabase) {
  ASSERT_TRUE(Index::open(state_.path()));
  const auto runs = dump("runs");
  const auto crashes = dump("crashes");
  ASSERT_THAT(runs, SizeIs(2));
  ASSERT_THAT(crashes, SizeIs(1));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file().string() + suffix);
  make_first_version();
  ASSERT_EQ(version(), 0);
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(version(), index_version);
  EXPECT_EQ(dump("runs"), runs);
  EXPECT_EQ(dump("crashes"), crashes);
  EXPECT_THAT(index->notes(), IsEmpty());
  EXPECT_FALSE(fs::exists(file().string() + ".damaged"));
}

TEST_F(IndexSchema, RowsThatAreNotReadAgainYetStay) {
  make_first_version();
  const auto database = Sqlite::open(file());
  ASSERT_TRUE(migrate(*database));
  EXPECT_THAT(dump("runs"),
              ElementsAre(AllOf(HasSubstr("id=20260101-000000-aaaaaa"), HasSubstr("verdict=fail"),
                                HasSubstr("read_as=1"), HasSubstr("append=null")),
                          HasSubstr("id=20260101-000000-dddddd")));
  ASSERT_TRUE(migrate(*database)) << "nothing to do";
  EXPECT_EQ(version(), index_version);
}

TEST_F(IndexSchema, AProgramOfTheFirstVersionCanWriteToo) {
  ASSERT_TRUE(Index::open(state_.path()));
  {
    const auto database = Sqlite::open(file());
    for (const char* statement : {first_table, first_index}) ASSERT_TRUE(database->run(statement));
    insert_as_first_version(*database, "20260101-000000-aaaaaa", "pass");
    ASSERT_TRUE(database->run("DELETE FROM runs WHERE id = ?", {"20260202-000000-bbbbbb"}));
  }
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  const auto row = index->resolve("20260101-000000-aaaaaa");
  EXPECT_EQ(row->verdict, "fail");
  EXPECT_EQ(row->append, "swiotlb=force");
  EXPECT_THAT(row->facts->crashes, ElementsAre("BUG in f"));
  EXPECT_EQ(*index->size(), 2U);
}

TEST_F(IndexSchema, ARowThatIsDeletedTakesItsCrashesAlong) {
  auto index = Index::open(state_.path());
  ASSERT_TRUE(index->remove("20260101-000000-aaaaaa"));
  EXPECT_THAT(dump("crashes"), IsEmpty());
}

TEST_F(IndexSchema, AMigrationThatIsInterruptedStartsAgain) {
  make_first_version();
  {
    const auto database = Sqlite::open(file());
    const auto failed = in_transaction(*database, [&]() -> Result<void> {
      TRY(database->run("ALTER TABLE runs ADD COLUMN read_as INTEGER NOT NULL DEFAULT 1"));
      return user_error("interrupted");
    });
    EXPECT_EQ(failed.error().message, "interrupted");
  }
  ASSERT_TRUE(Index::open(state_.path()));
  EXPECT_EQ(version(), index_version);
}

TEST_F(IndexSchema, ANewerVersionIsKeptUnderAnotherName) {
  {
    const auto index = Index::open(state_.path());
    const auto database = Sqlite::open(file());
    ASSERT_TRUE(database->run("ALTER TABLE runs ADD COLUMN colour TEXT"));
    ASSERT_TRUE(database->run("PRAGMA user_version = 7"));
  }
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(*index->size(), 2U);
  EXPECT_EQ(version(), index_version);
  ASSERT_THAT(index->notes(), SizeIs(1));
  EXPECT_THAT(index->notes()[0],
              AllOf(HasSubstr("version 7"), HasSubstr("version 2"), HasSubstr("hangar.db.version-7")));
  const auto aside = Sqlite::open(file().string() + ".version-7");
  EXPECT_EQ(*version_of(*aside), 7);
  int rows = 0;
  ASSERT_TRUE(aside->run("SELECT colour FROM runs", {}, [&](const SqlRow&) { ++rows; }));
  EXPECT_EQ(rows, 2) << "with what was only in its write-ahead log";
  EXPECT_THAT(Index::open(state_.path())->notes(), IsEmpty());
}

TEST_F(IndexSchema, TablesOfAnotherShapeAreMadeAgain) {
  {
    const auto database = Sqlite::open(file());
    ASSERT_TRUE(database->run("CREATE TABLE runs (id TEXT)"));
    ASSERT_TRUE(database->run("PRAGMA user_version = 2"));
  }
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(*index->size(), 2U);
  EXPECT_TRUE(fs::exists(file().string() + ".damaged"));
}

}  // namespace
}  // namespace hangar::store
