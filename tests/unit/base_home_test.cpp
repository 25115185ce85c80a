// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/home.h"

namespace hangar {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Sets a variable for its lifetime.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* old = std::getenv(name);
    if (old != nullptr) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      ::setenv(name_, old_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

class HomeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file(file(), "")); }
  [[nodiscard]] fs::path file() const { return top_->path() / "file"; }
  [[nodiscard]] fs::path top() const { return top_->path(); }

 private:
  Result<TempDir> top_ = TempDir::make(testing::TempDir(), "home");
};

TEST_F(HomeTest, OneThatDoesNotExistYetIsUsable) {
  const auto home = usable_home(top() / "new");
  ASSERT_TRUE(home);
  EXPECT_EQ(home->state, top() / "new/state");
}

TEST_F(HomeTest, AnErrorNamesWhatChoseIt) {
  const auto by_option = usable_home(file());
  ASSERT_FALSE(by_option);
  EXPECT_EQ(by_option.error().fault, Fault::user);
  EXPECT_THAT(by_option.error().message,
              AllOf(StartsWith("--home " + file().string()), HasSubstr("Not a directory")));
  const Variable variable("HANGAR_HOME", file().string());
  EXPECT_THAT(usable_home({}).error().message, StartsWith("HANGAR_HOME=" + file().string()));
  EXPECT_TRUE(usable_home(top()));
}

TEST_F(HomeTest, AStateThatIsAFileIsAnError) {
  ASSERT_TRUE(write_file(top() / "state", ""));
  EXPECT_THAT(usable_home(top()).error().message, HasSubstr("/state: Not a directory"));
}

TEST_F(HomeTest, AWrongSourceIsNamedByItsVariable) {
  const Variable variable("HANGAR_SOURCE", top().string());
  const auto tree = find_source_tree();
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().message, StartsWith("HANGAR_SOURCE=" + top().string()));
  for (const char* name : {"kernels", "reproducers", "images"})
    ASSERT_TRUE(fs::create_directories(top() / name));
  EXPECT_EQ(find_source_tree()->value_or(""), top());
}

}  // namespace
}  // namespace hangar
