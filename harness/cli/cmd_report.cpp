// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/report_mail.h"
#include "harness/cli/report_runs.h"
#include "harness/cli/terminal.h"
#include "harness/report/formats.h"
#include "harness/report/html.h"

namespace hangar::cli {
namespace {

constexpr const char* html = "html";
constexpr const char* mail = "mail";

struct Given {
  std::vector<std::string> words;
  std::string output;  // "": standard output
  std::string format;  // "": by the ending of `output`, else html
  report::ExportOptions exports;
};

void declare(Options& options, Given& given) {
  options.list(
      "runs", given.words,
      "what to report: experiments, runs (an id, its beginning, `last`, a folder), names of scenarios, "
      "files of rows (default: the last experiment)",
      "EXPERIMENT|RUN|SCENARIO|ROWS");
  options.value("-o,--output", given.output, "write the report to this file (default: standard output)",
                "FILE");
  options.value("--format", given.format,
                "format of the report (default: by the ending of FILE, else html; `hangar help exports`)",
                "html|mail|junit|ktap|kcidb|json|csv|markdown");
  options.value("--log-url", given.exports.log_url_base,
                "with junit or kcidb: base URL of the published run folders (default: no links)", "URL");
  options.value("--origin", given.exports.origin, "with kcidb: name of the CI system (default: hangar)",
                "NAME");
}

std::vector<std::string> formats() {
  std::vector<std::string> words = {html, mail};
  for (const std::string& word : all_words<report::Format>()) words.push_back(word);
  return words;
}

// By the ending of a file's name.
std::string format_of(const std::string& file) {
  const std::vector<std::pair<std::string, std::string>> endings = {
      {".html", html},   {".htm", html},  {".xml", "junit"},   {".ktap", "ktap"}, {".tap", "ktap"},
      {".json", "json"}, {".csv", "csv"}, {".md", "markdown"}, {".txt", mail},    {".eml", mail}};
  const auto known = std::find_if(endings.begin(), endings.end(),
                                  [&](const auto& ending) { return file.ends_with(ending.first); });
  return known == endings.end() ? html : known->second;
}

Result<void> choose_format(bool json, Given& given) {
  const bool chosen = !given.format.empty();
  if (!chosen) given.format = json ? "json" : format_of(given.output);
  const auto known = formats();
  if (std::find(known.begin(), known.end(), given.format) == known.end()) {
    return user_error(fmt::format("--format: unknown format `{}`{}; expected one of {}", given.format,
                                  did_you_mean(given.format, known), join(known, ", ")));
  }
  if (json && given.format != "json")
    return user_error(fmt::format("--json and --format {} are mutually exclusive", given.format));
  if (given.format == html && given.output.empty() && ::isatty(STDOUT_FILENO) == 1)
    return user_error("a page of HTML is not for a terminal: give it a file with `-o report.html`");
  return {};
}

Result<std::string> render(const Given& given, const report::Contents& contents, const std::string& tree,
                           const Home& home) {
  if (given.format == html) return report::to_html(contents);
  if (given.format == mail) return report_mail(contents, tree, home);
  return report::render(*from_word<report::Format>(given.format), contents, given.exports);
}

Result<void> put_out(const Given& given, const report::Contents& contents, const std::string& text,
                     Terminal& terminal) {
  if (given.output.empty()) {
    print_out("{}{}", text, text.ends_with('\n') ? "" : "\n");
    return {};
  }
  if (fs::is_directory(given.output))
    return user_error(fmt::format("{} is a folder: --output needs the name of a file", given.output));
  TRY(write_file_durably(given.output, text));
  size_t runs = 0;
  for (const report::Cell& cell : contents.cells) runs += cell.runs.size();
  terminal.say(sanitize_for_terminal(
      fmt::format("{}: {} run{} of {} cell{}, {}", given.output, runs, runs == 1 ? "" : "s",
                  contents.cells.size(), contents.cells.size() == 1 ? "" : "s", format_size(text.size()))));
  return {};
}

}  // namespace

Result<int> report_command(const Args& args) {
  Options options(
      "report",
      "Writes a report of stored runs: a page of HTML in one file, a bug report as a mail, or a format "
      "that other programs read. Nothing is booted and nothing is judged again.",
      "  hangar report -o report.html\n"
      "  hangar report last --format mail\n"
      "  hangar report oom-kill --format junit -o oom-kill.xml");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(choose_format(options.common().json, given));
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const auto found, find_source_tree());
  const std::string tree = found.value_or("").string();
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(const auto contents, read_contents(given.words, home, tree, terminal));
  TRY_ASSIGN(const std::string text, render(given, contents, tree, home));
  TRY(put_out(given, contents, text, terminal));
  return 0;
}

}  // namespace hangar::cli
