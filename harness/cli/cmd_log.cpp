// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/log/builder.h"
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
  std::string vmlinux;
  std::size_t width = 80;
};

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// Reads to the end; with --follow the end is only where the file stands now.
Result<void> read_all(log::ByteSource& source, log::Engine& engine, bool follow) {
  std::vector<char> buffer(std::size_t{256} << 10);
  for (;;) {
    TRY_ASSIGN(const std::size_t n, source.read(buffer.data(), buffer.size()));
    if (n > 0) {
      engine.feed(std::string_view(buffer.data(), n));
      continue;
    }
    if (!follow) return {};
    std::fflush(stdout);
    if (Cancel::wait(std::chrono::milliseconds(200))) return {};
  }
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

Result<void> whole_as_json(const std::string& path, log::ByteSource& source, const LogOptions& options,
                           log::Symbols* symbols) {
  log::FactsBuilder builder;
  log::Engine engine([&](log::Event&& event) { builder.on(std::move(event)); });
  auto read = read_all(source, engine, false);
  engine.finish();
  auto facts = builder.take();
  facts.bytes = engine.bytes();
  facts.lines = engine.lines();
  for (auto& boot : facts.boots) {
    if (symbols == nullptr) break;
    TRY(same_kernel(*symbols, options.vmlinux, boot.kernel_release.value_or(""), boot.build_id.value_or("")));
    for (auto& stack : boot.tasks) symbols->explain(stack);
  }
  put(log::to_json(facts, {path, source.compression()}));
  return read;
}

Result<void> one_log(const std::string& path, const LogOptions& options) {
  TRY_ASSIGN(auto source, log::ByteSource::open(path));
  std::optional<log::Symbols> symbols;
  if (!options.vmlinux.empty()) {
    TRY_ASSIGN(auto opened, log::Symbols::open(options.vmlinux));
    symbols.emplace(std::move(opened));
  }
  if (options.json) return whole_as_json(path, source, options, symbols ? &*symbols : nullptr);
  Result<void> matches;
  log::Summary summary;
  log::StackGroups groups;
  log::Engine engine([&](log::Event&& event) {
    if (symbols) {
      if (auto* stack = std::get_if<log::TaskStack>(&event.body)) symbols->explain(*stack);
      const auto* boot = std::get_if<log::BootStarted>(&event.body);
      if (boot != nullptr && matches)
        matches = same_kernel(*symbols, options.vmlinux, boot->kernel_release, boot->build_id);
    }
    if (options.events) {
      put(log::to_json(event) + "\n");
      if (options.follow) std::fflush(stdout);
    } else if (options.stacks) {
      if (const auto* stack = std::get_if<log::TaskStack>(&event.body)) groups.on(*stack);
    } else {
      summary.on(event);
    }
  });
  auto read = read_all(source, engine, options.follow);
  engine.finish();  // also after damage: what could be read still counts
  TRY(std::move(matches));
  if (options.stacks && !options.events) put(groups.text());
  if (!options.stacks && !options.events) put(summary.text(options.width));
  return read;
}

}  // namespace

Result<int> log_command(const Args& args) {
  Options options("log",
                  "Reads console logs (plain, .xz, .gz, .zst, or - for standard input): boots, OOM episodes, "
                  "hangs, crashes "
                  "and what they mean.",
                  "  hangar log serial.log\n  hangar log --json serial.log.xz | jq .boots[0].hangs\n  dmesg "
                  "| hangar log -");
  LogOptions chosen;
  std::vector<std::string> files;
  options.list("files", files, "logs; - is standard input", "FILE");
  options.flag("--events", chosen.events, "one JSON line for each event, as the log is read");
  options.flag("--stacks", chosen.stacks, "identical stacks together, most common first");
  options.value("--vmlinux", chosen.vmlinux,
                "file:line and inlined functions for every frame; implies --stacks", "VMLINUX");
  options.flag("-f,--follow", chosen.follow, "keep reading a growing file");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  chosen.json = options.common().json;
  if (!chosen.vmlinux.empty() && !chosen.json && !chosen.events) chosen.stacks = true;
  if (files.empty()) return user_error("hangar log needs a FILE (or - for standard input)");
  if (chosen.follow && chosen.json)
    return user_error("--follow has no end, and --json needs one: use --events with --follow");
  if (chosen.follow && files.size() > 1) return user_error("--follow takes one FILE");
  const Terminal terminal(options.common().quiet, options.common().no_color);
  chosen.width = terminal.width();
  for (const auto& file : files) {
    if (files.size() > 1 && !chosen.json && !chosen.events) put("== " + file + "\n");
    TRY(one_log(file, chosen));
  }
  std::fflush(stdout);
  return 0;
}

}  // namespace hangar::cli
