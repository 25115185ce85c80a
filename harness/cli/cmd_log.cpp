// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/source_lines.h"
#include "harness/cli/terminal.h"
#include "harness/log/explain/explainer.h"
#include "harness/log/explain/json.h"
#include "harness/log/explain/page.h"
#include "harness/log/form/reader.h"
#include "harness/log/infer/builder.h"
#include "harness/log/infer/read.h"
#include "harness/log/render/contents.h"
#include "harness/log/render/json.h"
#include "harness/log/render/summary.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t max_episodes = 10'000;  // with --oom and --json

struct LogOptions {
  bool json = false;
  bool events = false;
  bool stacks = false;
  bool follow = false;
  bool fail = false;
  bool oom = false;
  std::string vmlinux;
  std::size_t width = 80;
};

// Standard output. A reader that has gone (`| head`) ends the reading; a full disk is an error.
class Output {
 public:
  void put(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail();
  }
  void flush() {
    if (std::fflush(stdout) != 0) fail();
  }
  [[nodiscard]] bool failed() const { return error_ != 0; }
  [[nodiscard]] Result<void> result() const {
    if (error_ == 0 || error_ == EPIPE) return {};
    errno = error_;
    return errno_error("writing to standard output");
  }

 private:
  void fail() {
    if (error_ == 0) error_ = errno == 0 ? EIO : errno;
  }
  int error_ = 0;
};

// Reads to the end; with --follow the end is that of the file at this moment, and Ctrl-C ends the reading.
Result<void> read_all(log::ByteSource& source, log::Reader& reader, bool follow, Output& output) {
  std::vector<char> buffer(std::size_t{256} << 10);
  while (!output.failed()) {
    auto n = source.read(buffer.data(), buffer.size());
    if (!n && follow && n.error().fault == Fault::interrupted) return {};
    if (!n) return std::move(n).error();
    if (*n > 0) {
      reader.feed(std::string_view(buffer.data(), *n));
      if (follow && !source.may_grow()) reader.settle();
      continue;
    }
    if (!follow || !source.may_grow()) return {};
    reader.settle();
    output.flush();
    if (source.starts_over()) {
      print_err("hangar: the log was truncated; reading it again from the start\n");
      continue;
    }
    if (Cancel::wait(std::chrono::milliseconds(200))) return {};
  }
  return {};
}

// The vmlinux must be the one that printed the log: by its build ID if the log has one, else by the
// release.
Result<void> same_kernel(const symbols::Symbolizer& symbols, const std::string& vmlinux,
                         const std::string& release, const std::string& build_id) {
  if (!build_id.empty() && !symbols.build_id().empty() && build_id != symbols.build_id()) {
    return user_error(
        fmt::format("{} does not match the log: its build ID is {}, that of the log's kernel is {}", vmlinux,
                    symbols.build_id(), build_id));
  }
  if (symbols.release().empty() || release.empty() || symbols.release() == release) return {};
  return user_error(fmt::format("{} does not match the log: its kernel release is {}, that of the log is {}",
                                vmlinux, symbols.release(), release));
}

// A job whose console log is empty must not look like one that went well. Where the file is damaged, that is
// why it is empty.
Result<void> no_kernel_lines(const std::string& path, const log::Reader& reader, Result<void> read) {
  if (!read) return read;
  const char* why = reader.bytes() == 0 ? "no kernel lines in the input, which is empty"
                    : reader.binary()   ? "no kernel lines in the input, which is binary data"
                                        : "no kernel lines in the input";
  return user_error((path == "-" ? "standard input: " : path + ": ") + why);
}

Result<std::optional<SourceLines>> open_symbols(const LogOptions& options) {
  if (options.vmlinux.empty()) return std::optional<SourceLines>();
  TRY_ASSIGN(auto symbols, symbols::Symbolizer::open(options.vmlinux));
  TRY(symbols.load_lines());
  return std::optional<SourceLines>(std::move(symbols));
}

// A log without one must not look like an explanation that is missing.
std::string no_oom(const std::string& path) {
  return sanitize_for_terminal(path == "-" ? "standard input" : path) + ": no OOM report in this log\n";
}

// With --json. A damaged file has both: what could be read, and the error.
struct JsonLog {
  std::string path;
  std::string text;  // hangar.log/1; empty: nothing could be read
  Result<void> read;
  bool trouble = false;
};

// hangar.oom/1, with --oom.
Result<void> read_oom_as_json(Output& output, JsonLog& into) {
  TRY_ASSIGN(auto source, log::ByteSource::open(into.path));
  log::Contents contents;
  ordered_json episodes = ordered_json::array();
  std::uint64_t left_out = 0;
  log::OomExplainer explainer([&](log::Explanation&& one) {
    if (episodes.size() < max_episodes) {
      episodes.push_back(log::json_of(one));
    } else {
      ++left_out;
    }
  });
  log::Reader reader([&](log::Event&& event) {
    reader.renumber(event);
    contents.on(event);
    explainer.on(event);
  });
  auto read = read_all(source, reader, false, output);
  if (!read && read.error().fault == Fault::interrupted) return read;
  reader.finish();
  if (!contents.kernel_lines()) return no_kernel_lines(into.path, reader, std::move(read));
  const ordered_json all = {{"schema", "hangar.oom/1"},
                            {"path", into.path},
                            {"episodes", std::move(episodes)},
                            {"left_out", left_out}};
  into.text = json_text(all, 1) + "\n";
  into.trouble = contents.trouble();
  return read;
}

Result<void> read_as_json(const LogOptions& options, Output& output, JsonLog& into) {
  TRY_ASSIGN(auto source, log::ByteSource::open(into.path));
  TRY_ASSIGN(auto symbols, open_symbols(options));
  log::Contents contents;
  log::FactsBuilder builder;
  log::Reader reader([&](log::Event&& event) {
    contents.on(event);
    builder.on(std::move(event));
  });
  auto read = read_all(source, reader, false, output);
  if (!read && read.error().fault == Fault::interrupted) return read;
  reader.finish();
  if (!contents.kernel_lines()) return no_kernel_lines(into.path, reader, std::move(read));
  auto facts = builder.take();
  facts.bytes = reader.bytes();
  facts.lines = reader.lines();
  reader.renumber(facts);
  for (auto& boot : facts.boots) {
    if (!symbols) break;
    TRY(same_kernel(symbols->vmlinux(), options.vmlinux, boot.kernel_release.value_or(""),
                    boot.build_id.value_or("")));
    for (auto& stack : boot.tasks) symbols->explain(stack);
  }
  into.text = log::to_json(facts, {into.path, source.compression()});
  into.trouble = contents.trouble();
  return read;
}

JsonLog json_of(const std::string& word, const LogOptions& options, const Common& common, Output& output) {
  JsonLog log;
  const auto file = find_log(word, common);
  log.path = file ? *file : word;
  log.read = !file         ? Result<void>(file.error())
             : options.oom ? read_oom_as_json(output, log)
                           : read_as_json(options, output, log);
  return log;
}

// Of text that this program wrote.
ordered_json parsed(const std::string& text) {
  return parse_ordered_json(text).value_or(nullptr);
}

ordered_json error_of(const JsonLog& log) {
  ordered_json error = parsed(error_json(log.read.error(), exit_status(log.read.error())));
  error["path"] = log.path;
  return error;
}

// The log, or the error where nothing could be read. A damaged log has the error within it.
Result<int> one_as_json(const std::string& word, const LogOptions& options, const Common& common) {
  Output output;
  const JsonLog log = json_of(word, options, common, output);
  if (log.text.empty()) return log.read.error();
  if (log.read) {
    output.put(log.text);
  } else {
    ordered_json damaged = parsed(log.text);
    damaged["error"] = error_of(log);
    output.put(json_text(damaged, 1) + "\n");
    print_error(log.read.error());
  }
  output.flush();
  TRY(output.result());
  if (!log.read) return exit_status(log.read.error());
  return options.fail && log.trouble ? 1 : 0;
}

// hangar.logs/1 or hangar.ooms/1: one object for several files. One that cannot be read does not hide the
// others.
Result<int> all_as_json(const std::vector<std::string>& words, const LogOptions& options,
                        const Common& common) {
  Output output;
  ordered_json logs = ordered_json::array();
  ordered_json errors = ordered_json::array();
  int status = 0;
  bool trouble = false;
  for (const auto& word : words) {
    const JsonLog log = json_of(word, options, common, output);
    trouble = trouble || log.trouble;
    if (!log.text.empty()) logs.push_back(parsed(log.text));
    if (log.read) continue;
    if (log.read.error().fault == Fault::interrupted) return log.read.error();
    print_error(log.read.error());
    errors.push_back(error_of(log));
    status = std::max(status, exit_status(log.read.error()));
  }
  const ordered_json all = {
      {"schema", options.oom ? "hangar.ooms/1" : "hangar.logs/1"}, {"logs", logs}, {"errors", errors}};
  output.put(json_text(all, 1) + "\n");
  output.flush();
  TRY(output.result());
  return status == 0 && options.fail && trouble ? 1 : status;
}

Result<void> one_log(const std::string& path, const LogOptions& options, Output& output,
                     log::Contents& contents) {
  TRY_ASSIGN(auto source, log::ByteSource::open(path));
  if (options.follow && source.compression() != log::Compression::none)
    return user_error(path + ": --follow cannot read a compressed file");
  TRY_ASSIGN(auto symbols, open_symbols(options));
  Result<void> matches;
  log::Summary summary;
  log::StackGroups groups;
  log::OomExplainer explainer([&](log::Explanation&& one) {
    output.put((one.number > 1 ? "\n" : "") + log::explanation_text(one, options.width));
    if (options.follow) output.flush();
  });
  log::Reader reader([&](log::Event&& event) {
    reader.renumber(event);
    contents.on(event);
    if (symbols) {
      if (auto* stack = std::get_if<log::TaskStack>(&event.body)) symbols->explain(*stack);
      const auto* boot = std::get_if<log::BootStarted>(&event.body);
      if (boot != nullptr && matches)
        matches = same_kernel(symbols->vmlinux(), options.vmlinux, boot->kernel_release, boot->build_id);
    }
    if (options.events) {
      output.put(log::to_json(event) + "\n");
      if (options.follow) output.flush();
    } else if (options.oom) {
      explainer.on(event);
    } else if (options.stacks) {
      if (const auto* stack = std::get_if<log::TaskStack>(&event.body)) groups.on(*stack);
    } else {
      summary.on(event);
    }
  });
  auto read = read_all(source, reader, options.follow, output);
  if (!read && read.error().fault == Fault::interrupted) return read;
  reader.finish();  // also after damage: what could be read still counts
  TRY(std::move(matches));
  if (!options.follow && !contents.kernel_lines()) return no_kernel_lines(path, reader, std::move(read));
  if (options.oom && explainer.episodes() == 0) output.put(no_oom(path));
  if (options.stacks && !options.events) output.put(groups.text());
  if (!options.stacks && !options.events && !options.oom) output.put(summary.text(options.width));
  return read;
}

// One that cannot be read does not keep the others from being read.
Result<int> all_logs(const std::vector<std::string>& words, const LogOptions& options, const Common& common) {
  Output output;
  std::optional<Error> first;
  bool trouble = false;
  for (const auto& word : words) {
    log::Contents contents;
    const auto file = find_log(word, common);
    const bool titled = words.size() > 1 && !options.events;
    if (titled) output.put("== " + sanitize_for_terminal(file ? *file : word) + "\n");
    auto read = file ? one_log(*file, options, output, contents) : Result<void>(file.error());
    trouble = trouble || contents.trouble();
    if (output.failed()) break;
    if (read) continue;
    if (read.error().fault == Fault::interrupted) return std::move(read).error();
    if (first) print_error(*first);
    first = std::move(read).error();
  }
  output.flush();
  TRY(output.result());
  if (first) return std::move(*first);
  return options.fail && trouble ? 1 : 0;
}

}  // namespace

Result<int> log_command(const Args& args) {
  Options options(
      "log",
      "Reads console logs (plain, .xz, .gz, .zst) and reports boots, OOM episodes, hangs, crashes "
      "and findings.",
      "  hangar log serial.log\n  hangar log last\n"
      "  hangar log --json serial.log.xz | jq .boots[0].hangs\n  dmesg | hangar log -");
  LogOptions chosen;
  std::vector<std::string> files;
  options.list(
      "files", files,
      "log files, or stored runs (an id, its beginning, `last` or a run's folder); - is standard input",
      "FILE|RUN");
  options.required("files");
  options.flag("--events", chosen.events,
               "print each event as one JSON line while the log is read; errors go to stderr only");
  options.flag("--stacks", chosen.stacks, "print stacks, identical ones grouped, the most common first");
  options.flag("--oom", chosen.oom,
               "explain each OOM episode: why it happened, where the memory was, why this victim");
  options.value(
      "--vmlinux", chosen.vmlinux,
      "resolve every frame to file:line and inlined functions with this kernel's vmlinux; implies --stacks",
      "VMLINUX");
  options.flag("--fail", chosen.fail,
               "exit with status 1 if a log shows a hang, a crash report or a panic (default: 0)");
  options.flag("-f,--follow", chosen.follow,
               "keep reading a growing file until Ctrl-C, or a pipe until its end");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  chosen.json = options.common().json;
  if (chosen.events) chosen.json = false;  // each event is JSON already
  if (chosen.events && chosen.stacks) return user_error("--events and --stacks are mutually exclusive");
  if (chosen.oom && (chosen.events || chosen.stacks || !chosen.vmlinux.empty()))
    return user_error("--oom cannot be combined with --events, --stacks or --vmlinux");
  if (!chosen.vmlinux.empty() && !chosen.json && !chosen.events) chosen.stacks = true;
  if (chosen.json && chosen.stacks)
    return user_error("--json and --stacks are mutually exclusive: the JSON has every stack");
  if (chosen.follow && chosen.json)
    return user_error("--json cannot be combined with --follow; use --events");
  if (chosen.follow && files.size() > 1) return user_error("--follow accepts one file only");
  const Terminal terminal(options.common().quiet, options.common().no_color);
  chosen.width = terminal.width();
  const Common& common = options.common();
  if (chosen.json) {
    return files.size() == 1 ? one_as_json(files.front(), chosen, common)
                             : all_as_json(files, chosen, common);
  }
  auto status = all_logs(files, chosen, common);
  if (status || !chosen.events) return status;
  // main() would add an error object with --json, but every line of standard output is an event.
  print_error(status.error());
  return exit_status(status.error());
}

}  // namespace hangar::cli
