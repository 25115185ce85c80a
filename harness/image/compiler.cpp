// SPDX-License-Identifier: GPL-2.0-only
#include "harness/image/compiler.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::image {
namespace {

// All that decides the bytes, but for paths. -s: symbols would only make the text larger in the guest.
const std::vector<std::string> flags = {"-std=gnu11",         "-static", "-O2", "-Wall", "-pthread", "-s",
                                        "-Wl,--build-id=none"};

Result<std::vector<fs::path>> headers_below(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::exists(folder)) return found;
  TRY(fs::walk(folder, [&](const fs::Entry& entry) {
    if (entry.path().extension() == ".h") found.push_back(entry.path());
    return fs::Walk::enter;
  }));
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::string> digest_headers(const fs::path& source_tree) {
  Digest digest;
  for (const char* folder : {"images", "reproducers", "tests/guests"}) {
    TRY_ASSIGN(const auto headers, headers_below(source_tree / folder));
    for (const fs::path& header : headers) {
      TRY_ASSIGN(const std::string text, read_file(header));
      digest.add(header.lexically_relative(source_tree).string(), text);
    }
  }
  return digest.hex();
}

// `musl-gcc -v` names the compiler, and its specs file, which lies beside the C library.
Result<std::string> identify() {
  TRY_ASSIGN(const Finished asked,
             run_checked({.argv = {"musl-gcc", "-v"}, .deadline = deadline_of::question}));
  constexpr std::string_view reading = "Reading specs from ";
  for (const std::string_view line : split(asked.output, '\n')) {
    if (line.substr(0, reading.size()) != reading) continue;
    const fs::path specs = trim(line.substr(reading.size()));
    TRY_ASSIGN(const std::string library, sha256_file(specs.parent_path() / "libc.a"));
    return asked.output + library;
  }
  return infra_error("musl-gcc does not report which specs it reads: reinstall the package musl-tools",
                     asked.output);
}

}  // namespace

Result<Compiler> Compiler::find(const fs::path& source_tree, const fs::path& cache) {
  Compiler compiler;
  TRY_ASSIGN(const fs::path whole, fs::absolute(source_tree));
  compiler.source_tree_ = whole.lexically_normal();
  compiler.cache_ = cache / "guest";
  TRY_ASSIGN(compiler.identity_, identify());
  TRY_ASSIGN(compiler.headers_, digest_headers(compiler.source_tree_));
  return compiler;
}

Result<std::string> Compiler::key(const Source& source) const {
  Digest digest;
  digest.add("compiler", identity_).add("flags", join(flags, " ")).add("headers", headers_);
  for (const fs::path& file : source.files) {
    TRY_ASSIGN(const std::string text, read_file(file));
    digest.add(file.filename().string(), text);
  }
  return digest.hex();
}

std::vector<std::string> Compiler::command_line(const Source& source, const fs::path& output) const {
  std::vector<std::string> argv = {"musl-gcc"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.push_back("-I" + (source_tree_ / "images" / "guest").string());
  // The folders would reach the bytes through __FILE__ and assert(); the last option that fits counts.
  for (const fs::path& folder : {source.files.front().parent_path(), source_tree_})
    argv.push_back(fmt::format("-ffile-prefix-map={}=.", folder.string()));
  argv.insert(argv.end(), {"-o", output.string()});
  for (const fs::path& file : source.files) argv.push_back(file.string());
  return argv;
}

Result<Program> Compiler::compile(const Source& source) const {
  TRY_ASSIGN(const std::string digest, key(source));
  const fs::path folder = cache_ / digest.substr(0, 32);
  const Program program = {source.name, folder / source.name};
  if (fs::exists(program.file)) return program;

  TRY_ASSIGN(TempDir making, TempDir::make(cache_, ".new-"));
  Command command;
  command.argv = command_line(source, making.path() / source.name);
  command.deadline = std::chrono::minutes(2);
  TRY_ASSIGN(const Finished finished, run_process(command));
  if (!finished.good()) {
    return user_error(fmt::format("the guest program `{}` does not compile", source.name),
                      fmt::format("{}\nby: {}", trim(finished.output), shell_line(command.argv)));
  }
  auto landed = making.commit(folder);
  // Another process may have put the same bytes there meanwhile.
  if (!landed && !fs::exists(program.file)) return std::move(landed).error();
  return program;
}

}  // namespace hangar::image
