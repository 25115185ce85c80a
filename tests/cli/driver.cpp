// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cli/driver.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

std::string text_of(const std::filesystem::path& path) {
  auto text = read_file(path);
  return text ? *text : std::string();
}

}  // namespace

CliTest::CliTest() {
  std::string name = std::filesystem::temp_directory_path() / "hangar-cli-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
  folder_ = name;
}

CliTest::~CliTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string CliTest::write(const std::string& name, std::string_view text) const {
  std::ofstream file(folder_ / name, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  return name;
}

Said CliTest::shell(const std::string& script) const {
  Command command;
  command.argv = {"bash", "-c", "{ " + script + "\n} >.out 2>.err"};
  command.directory = folder_;
  command.environment = {{"hangar", places::program}, {"HANGAR_HOME", folder_ / "home"}};
  command.deadline = std::chrono::seconds(60);
  auto finished = run_process(command);
  if (!finished) {
    ADD_FAILURE() << finished.error().message;
    return {};
  }
  EXPECT_FALSE(finished->timed_out) << script;
  return {finished->status, text_of(folder_ / ".out"), text_of(folder_ / ".err")};
}

Said CliTest::hangar(const std::vector<std::string>& args) const {
  std::vector<std::string> argv = {places::program};
  argv.insert(argv.end(), args.begin(), args.end());
  return shell(shell_line(argv));
}

}  // namespace hangar::cli_tests
