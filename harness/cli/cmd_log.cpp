// SPDX-License-Identifier: GPL-2.0-only
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/log/builder.h"
#include "harness/log/contents.h"
#include "harness/log/json.h"
#include "harness/log/read.h"
#include "harness/log/summary.h"
#include "harness/log/symbols.h"

namespace hangar::cli {
namespace {

struct LogOptions {
  bool json = false;
  bool events = false;
  bool stacks = false;
  bool follow = false;
  bool fail = false;
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

// Reads to the end; with --follow the end is only where the file stands now, and Ctrl-C is how it ends.
Result<void> read_all(log::ByteSource& source, log::Engine& engine, bool follow, Output& output) {
  std::vector<char> buffer(std::size_t{256} << 10);
  while (!output.failed()) {
    auto n = source.read(buffer.data(), buffer.size());
    if (!n && follow && n.error().fault == Fault::interrupted) return {};
    if (!n) return std::move(n).error();
    if (*n > 0) {
      engine.feed(std::string_view(buffer.data(), *n));
      continue;
    }
    if (!follow || !source.may_grow()) return {};
    output.flush();
    if (source.starts_over()) {
      fmt::print(stderr, "hangar: the log became shorter: reading it from its start\n");
      continue;
    }
    if (Cancel::wait(std::chrono::milliseconds(200))) return {};
  }
  return {};
}

// The vmlinux must be the one that printed the log: by its build id where the log says one, else by the
// release.
Result<void> same_kernel(const log::Symbols& symbols, const std::string& vmlinux, const std::string& release,
                         const std::string& build_id) {
  if (!build_id.empty() && !symbols.build_id().empty() && build_id != symbols.build_id()) {
    return user_error(fmt::format(
        "{} has build id {}, the log's kernel has {}: another build, whose addresses do not match", vmlinux,
        symbols.build_id(), build_id));
  }
  if (symbols.release().empty() || release.empty() || symbols.release() == release) return {};
  return user_error(fmt::format("{} is of kernel {}, the log of kernel {}: their addresses do not match",
                                vmlinux, symbols.release(), release));
}

// A job whose console log is empty must not look like one that went well.
Result<void> require_kernel_lines(const log::Contents& contents, const std::string& path) {
  if (contents.kernel_lines()) return {};
  return user_error((path == "-" ? "standard input" : path) + ": no kernel lines in the input");
}

Result<void> whole_as_json(const std::string& path, log::ByteSource& source, const LogOptions& options,
                           log::Symbols* symbols, Output& output, log::Contents& contents) {
  log::FactsBuilder builder;
  log::Engine engine([&](log::Event&& event) {
    contents.on(event);
    builder.on(std::move(event));
  });
  auto read = read_all(source, engine, false, output);
  if (!read && read.error().fault == Fault::interrupted) return read;
  engine.finish();
  TRY(require_kernel_lines(contents, path));
  auto facts = builder.take();
  facts.bytes = engine.bytes();
  facts.lines = engine.lines();
  for (auto& boot : facts.boots) {
    if (symbols == nullptr) break;
    TRY(same_kernel(*symbols, options.vmlinux, boot.kernel_release.value_or(""), boot.build_id.value_or("")));
    for (auto& stack : boot.tasks) symbols->explain(stack);
  }
  output.put(log::to_json(facts, {path, source.compression()}));
  return read;
}

Result<void> one_log(const std::string& path, const LogOptions& options, Output& output,
                     log::Contents& contents) {
  TRY_ASSIGN(auto source, log::ByteSource::open(path));
  if (options.follow && source.compression() != log::Compression::none)
    return user_error(path + " is compressed: --follow reads plain files and pipes");
  std::optional<log::Symbols> symbols;
  if (!options.vmlinux.empty()) {
    TRY_ASSIGN(auto opened, log::Symbols::open(options.vmlinux));
    symbols.emplace(std::move(opened));
  }
  if (options.json)
    return whole_as_json(path, source, options, symbols ? &*symbols : nullptr, output, contents);
  Result<void> matches;
  log::Summary summary;
  log::StackGroups groups;
  log::Engine engine([&](log::Event&& event) {
    contents.on(event);
    if (symbols) {
      if (auto* stack = std::get_if<log::TaskStack>(&event.body)) symbols->explain(*stack);
      const auto* boot = std::get_if<log::BootStarted>(&event.body);
      if (boot != nullptr && matches)
        matches = same_kernel(*symbols, options.vmlinux, boot->kernel_release, boot->build_id);
    }
    if (options.events) {
      output.put(log::to_json(event) + "\n");
      if (options.follow) output.flush();
    } else if (options.stacks) {
      if (const auto* stack = std::get_if<log::TaskStack>(&event.body)) groups.on(*stack);
    } else {
      summary.on(event);
    }
  });
  auto read = read_all(source, engine, options.follow, output);
  if (!read && read.error().fault == Fault::interrupted) return read;
  engine.finish();  // also after damage: what could be read still counts
  TRY(std::move(matches));
  if (!options.follow) TRY(require_kernel_lines(contents, path));
  if (options.stacks && !options.events) output.put(groups.text());
  if (!options.stacks && !options.events) output.put(summary.text(options.width));
  return read;
}

// One that cannot be read does not keep the others from being read.
Result<int> all_logs(const std::vector<std::string>& words, const LogOptions& options, const Home& home) {
  Output output;
  std::optional<Error> first;
  bool trouble = false;
  for (const auto& word : words) {
    log::Contents contents;
    const auto file = find_log(word, home);
    const bool titled = words.size() > 1 && !options.json && !options.events;
    if (titled) output.put("== " + sanitize_for_terminal(file ? *file : word) + "\n");
    auto read = file ? one_log(*file, options, output, contents) : Result<void>(file.error());
    trouble = trouble || contents.trouble();
    if (output.failed()) break;
    if (read) continue;
    if (read.error().fault == Fault::interrupted) return std::move(read).error();
    if (first) fmt::print(stderr, "hangar: {}\n", sanitize_for_terminal(first->message));
    first = std::move(read).error();
  }
  output.flush();
  TRY(output.result());
  if (first) return std::move(*first);
  return options.fail && trouble ? 1 : 0;
}

}  // namespace

Result<int> log_command(const Args& args) {
  Options options("log",
                  "Reads console logs (plain, .xz, .gz, .zst, or - for standard input): boots, OOM episodes, "
                  "hangs, crashes and what they mean.",
                  "  hangar log serial.log\n  hangar log last\n  hangar log --json serial.log.xz | jq "
                  ".boots[0].hangs\n  dmesg | hangar log -");
  LogOptions chosen;
  std::vector<std::string> files;
  options.list(
      "files", files,
      "log files, or stored runs: an id, its beginning, `last` or a run's folder; - is standard input",
      "FILE|RUN");
  options.flag("--events", chosen.events, "one JSON line for each event, as the log is read");
  options.flag("--stacks", chosen.stacks, "identical stacks together, most common first");
  options.value("--vmlinux", chosen.vmlinux,
                "file:line and inlined functions for every frame; implies --stacks", "VMLINUX");
  options.flag("--fail", chosen.fail, "exit with status 1 if a log shows a hang, a crash report or a panic");
  options.flag("-f,--follow", chosen.follow, "keep reading a growing file");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  chosen.json = options.common().json;
  if (files.empty()) return user_error("hangar log needs a FILE or a RUN (`last`, or - for standard input)");
  if (chosen.events) chosen.json = false;  // each event is JSON already
  if (chosen.events && chosen.stacks)
    return user_error("--events and --stacks are two ways to say it: choose one");
  if (!chosen.vmlinux.empty() && !chosen.json && !chosen.events) chosen.stacks = true;
  if (chosen.json && chosen.stacks)
    return user_error("--json holds every stack: --stacks adds nothing to it");
  if (chosen.follow && chosen.json)
    return user_error("--follow has no end, and --json needs one: use --events with --follow");
  if (chosen.follow && files.size() > 1) return user_error("--follow takes one FILE");
  const Terminal terminal(options.common().quiet, options.common().no_color);
  chosen.width = terminal.width();
  return all_logs(files, chosen, options.common().home());
}

}  // namespace hangar::cli
