// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/command_help.h"
#include "harness/cli/output.h"

namespace hangar::cli {
namespace {

CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? "the value is empty" : std::string(); }, ""};
}

// CLI11 itself takes "-1" for a huge unsigned number, "" for no number and "nan" for a number.
template <typename T>
CLI::Validator is_number(const std::string& wanted) {
  return {[wanted](const std::string& text) {
            T value{};
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            bool good = error == std::errc() && end == text.data() + text.size();
            if constexpr (std::is_floating_point_v<T>) good = good && std::isfinite(value);
            return good ? std::string() : fmt::format("`{}` is not {}", text, wanted);
          },
          ""};
}

thread_local CommandInfo* described = nullptr;
thread_local bool only_checked = false;

OptionInfo info_of(const CLI::Option& option) {
  OptionInfo info;
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  info.positional = info.names.empty();
  if (info.positional) info.names.push_back(option.get_name());
  if (option.get_items_expected_max() > 0) info.type = option.get_type_name();
  info.many = option.get_items_expected_max() > 1;
  info.help = option.get_description();
  info.common = option.get_group() == "Common" || info.names.back() == "--help";
  return info;
}

// What is wrong with the words, and a similar option for one that does not exist.
std::string complaint(const CLI::App& app, const CLI::ParseError& failure,
                      const std::vector<std::string>& args) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  std::string hint;
  for (const std::string& arg : args) {
    const std::string name = arg.substr(0, arg.find('='));
    const bool unknown =
        arg.rfind("--", 0) == 0 && std::find(known.begin(), known.end(), name) == known.end();
    if (unknown) hint = did_you_mean(name, known);
  }
  return failure.what() + hint;
}

}  // namespace

Options::Description::Description(CommandInfo& into) {
  described = &into;
}

Options::Description::~Description() {
  described = nullptr;
}

Options::Check::Check() {
  only_checked = true;
}

Options::Check::~Check() {
  only_checked = false;
}

Result<Home> Common::home() const {
  return usable_home(home_option);
}

struct Options::State {
  CLI::App app;
  Common common;
  std::string home;
  std::string command;
  std::string about;
  std::string example;
  std::vector<std::string> required;  // CLI11's own check would precede that for unknown options

  void describe(CommandInfo& into) const {
    into = {command, about, example, {}};
    for (const CLI::Option* option : app.get_options()) {
      into.options.push_back(info_of(*option));
      into.options.back().required =
          std::find(required.begin(), required.end(), option->get_name()) != required.end();
    }
  }
};

Options::Options(const std::string& name, const std::string& about, const std::string& example)
    : state_(std::make_unique<State>()) {
  CLI::App& app = state_->app;
  state_->command = name;
  state_->about = about;
  state_->example = example;
  app.set_help_flag("-h,--help", "print this help and exit");
  app.add_option("--home", state_->home, "folder for cache and state (HANGAR_HOME does the same)")
      ->type_name("DIR")
      ->check(not_empty())
      ->group("Common");
  app.add_flag("--json", state_->common.json, "print JSON on standard output, and no text")->group("Common");
  app.add_flag("-q,--quiet", state_->common.quiet, "do not print progress on stderr")->group("Common");
  app.add_flag("--no-color", state_->common.no_color, "do not use colour (NO_COLOR does the same)")
      ->group("Common");
}

Options::~Options() = default;

void Options::flag(const std::string& names, bool& into, const std::string& help) {
  state_->app.add_flag(names, into, help);
}

void Options::value(const std::string& names, std::string& into, const std::string& help,
                    const std::string& type) {
  state_->app.add_option(names, into, help)->type_name(type)->check(not_empty());
}

void Options::text(const std::string& names, std::string& into, const std::string& help,
                   const std::string& type) {
  state_->app.add_option(names, into, help)->type_name(type);
}

void Options::value(const std::string& names, std::optional<std::string>& into, const std::string& help,
                    const std::string& type) {
  state_->app.add_option(names, into, help)->type_name(type)->check(not_empty());
}

void Options::value(const std::string& names, std::optional<int>& into, const std::string& help,
                    const std::string& type) {
  state_->app.add_option(names, into, help)->type_name(type)->check(is_number<int>("a whole number"));
}

void Options::value(const std::string& names, std::optional<double>& into, const std::string& help,
                    const std::string& type) {
  state_->app.add_option(names, into, help)->type_name(type)->check(is_number<double>("a number"));
}

void Options::value(const std::string& names, std::optional<std::uint64_t>& into, const std::string& help,
                    const std::string& type) {
  state_->app.add_option(names, into, help)
      ->type_name(type)
      ->check(is_number<std::uint64_t>("a whole number from 0"));
}

void Options::list(const std::string& names, std::vector<std::string>& into, const std::string& help,
                   const std::string& type) {
  const bool positional = names.front() != '-';
  auto* option = state_->app.add_option(names, into, help)->type_name(type)->check(not_empty());
  // Each --kernel takes one word, so that words after it stay positional.
  if (!positional) option->expected(1)->take_all()->allow_extra_args(false);
}

void Options::required(const std::string& name) {
  state_->required.push_back(name);
}

Result<bool> Options::parse(const std::vector<std::string>& args) {
  if (described != nullptr) {
    state_->describe(*described);
    return false;
  }
  CLI::App& app = state_->app;
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    CommandInfo info;
    state_->describe(info);
    print_out("{}", help_text(info));
    return false;
  } catch (const CLI::ParseError& failure) {
    return user_error(fmt::format("{}; `hangar {} -h` lists arguments and options",
                                  complaint(app, failure, args), state_->command));
  }
  for (const std::string& name : state_->required) {
    const CLI::Option* option = app.get_option(name);
    if (option->count() > 0) continue;
    return user_error(fmt::format("missing argument {}; `hangar {} -h` lists arguments and options",
                                  option->get_type_name(), state_->command));
  }
  if (only_checked) return false;
  if (!state_->home.empty()) state_->common.home_option = state_->home;
  return true;
}

const Common& Options::common() const {
  return state_->common;
}

Result<void> check_count(const std::string& option, const std::optional<int>& count, int most) {
  if (!count || (*count >= 1 && *count <= most)) return {};
  return user_error(fmt::format("{}: expected 1 to {}", option, most));
}

}  // namespace hangar::cli
