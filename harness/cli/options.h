// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/base/result.h"

// Options of a subcommand: CLI11 underneath, kept to one file. Every subcommand gets the common ones.
namespace hangar::cli {

struct Common {
  std::optional<std::string> home_option;
  bool json = false;
  bool quiet = false;
  bool no_color = false;

  // An error if the folder that --home or the environment names exists and cannot be read.
  [[nodiscard]] Result<Home> home() const;
};

// What -h shows of a subcommand, as data: also for help pages, completions and the manual page.
struct OptionInfo {
  std::vector<std::string> names;  // "--home"; a positional has its name without dashes
  std::string type;                // "FILE", "SPEC|bzImage"; empty: takes no value
  std::string help;
  bool positional = false;
  bool common = false;    // every command has it
  bool required = false;  // a positional without which the command does nothing
  bool many = false;      // takes several values
};

struct CommandInfo {
  std::string name;
  std::string about;
  std::string example;
  std::vector<OptionInfo> options;
};

class Options {
 public:
  // While it lives, parse() of this thread's Options fills the CommandInfo and returns false.
  class Description {
   public:
    explicit Description(CommandInfo& into);
    ~Description();
    Description(const Description&) = delete;
    Description& operator=(const Description&) = delete;
  };

  // While it lives, parse() of this thread's Options checks the words and returns false: nothing is executed.
  class Check {
   public:
    Check();
    ~Check();
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;
  };

  // `example` is one or more lines shown at the end of -h.
  Options(const std::string& name, const std::string& about, const std::string& example);
  ~Options();

  // `names` as in CLI11: "-n,--dry-run"; a name without dashes is positional. Values are checked: none may be
  // empty (but for those of text()), no count negative, no number infinite or NaN.
  void flag(const std::string& names, bool& into, const std::string& help);
  void value(const std::string& names, std::string& into, const std::string& help,
             const std::string& type = "TEXT");
  // As value(), but empty is a value too.
  void text(const std::string& names, std::string& into, const std::string& help, const std::string& type);
  void value(const std::string& names, std::optional<std::string>& into, const std::string& help,
             const std::string& type = "TEXT");
  void value(const std::string& names, std::optional<int>& into, const std::string& help,
             const std::string& type = "N");
  void value(const std::string& names, std::optional<double>& into, const std::string& help,
             const std::string& type = "NUMBER");
  void value(const std::string& names, std::optional<std::uint64_t>& into, const std::string& help,
             const std::string& type = "N");
  void list(const std::string& names, std::vector<std::string>& into, const std::string& help,
            const std::string& type);
  // The positional of this name has to be given.
  void required(const std::string& name);

  // False: help was asked for and printed. An unknown option is an Error with a suggestion.
  [[nodiscard]] Result<bool> parse(const std::vector<std::string>& args);
  [[nodiscard]] const Common& common() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr int most_repeats = 100000;
inline constexpr int most_jobs = 64;
// A count of an option that was given: 1 to `most`.
[[nodiscard]] Result<void> check_count(const std::string& option, const std::optional<int>& count, int most);

}  // namespace hangar::cli
