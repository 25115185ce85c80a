// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

// Runs the built program as a user does, and keeps both of its streams apart.
namespace hangar::cli_tests {

struct Said {
  int status = -1;
  std::string out;
  std::string err;
};

// A folder of its own for each test: where commands run, and (in `home`) where Hangar keeps its state.
class CliTest : public ::testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  // hangar with these arguments, from the test's folder.
  [[nodiscard]] Said hangar(const std::vector<std::string>& args) const;
  // A bash script in which $hangar is the program; its status is the last command's.
  [[nodiscard]] Said shell(const std::string& script) const;
  // A file in the test's folder; its name is returned.
  std::string write(const std::string& name, std::string_view text) const;
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

}  // namespace hangar::cli_tests
