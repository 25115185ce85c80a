// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/selftests.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cache/entry.h"
#include "harness/kernel/build/builder.h"
#include "harness/kernel/build/make.h"
#include "harness/kernel/build/slot.h"

namespace hangar::kernel {
namespace {

using nlohmann::json;

// To be raised when the same source gives another archive.
constexpr const char* recipe = "1";
constexpr const char* archive_name = "selftests.tar";
constexpr const char* manifest_name = "manifest.json";
// A second copy of the source has hard links only; the objects of the suites are small.
constexpr std::uint64_t needed_bytes = 1ull << 30;

// The names of the suites in this source.
Result<std::vector<std::string>> suites_in(const Tree& tree, const std::vector<std::string>& asked) {
  const fs::path folder = tree.path / "tools/testing/selftests";
  std::vector<std::string> suites;
  for (const std::string& name : asked) {
    const auto has = [&](const std::string& suite) { return fs::exists(folder / suite / "Makefile"); };
    const std::string suite = name == "mm" && !has(name) ? "vm" : name;
    if (!has(suite)) {
      std::vector<std::string> known;
      for (const auto& entry : fs::list_or_empty(folder)) known.push_back(entry.path().filename().string());
      return user_error(
          fmt::format("{} has no selftests `{}`{}", tree.label, name, did_you_mean(name, known)));
    }
    suites.push_back(suite);
  }
  return suites;
}

std::string key_of(const Inputs& inputs, const std::vector<std::string>& suites) {
  Digest digest;
  digest.add("recipe", recipe).add("source", inputs.tree.digest).add("tools", inputs.group);
  for (const auto& [name, content] : inputs.patch_digests()) digest.add("patch " + name, content);
  return digest.add("suites", join(suites, " ")).hex().substr(0, 32);
}

std::optional<Selftests> load(const fs::path& folder) {
  auto lock = FolderLock::share(folder);
  if (!lock) return std::nullopt;
  const auto text = read_file(folder / manifest_name);
  if (!text) return std::nullopt;
  Selftests tests;
  tests.archive = folder / archive_name;
  std::uint64_t bytes = 0;
  const json manifest = parse_object(*text);
  JsonReader in(manifest);
  in.take("sha256", tests.digest).take("bytes", bytes).take("failed", tests.failed);
  const auto size = fs::file_size(tests.archive);
  if (in.fault() || !size || *size != bytes) return std::nullopt;
  tests.in_use = std::make_shared<const FolderLock>(std::move(*lock));
  return tests;
}

// "make[1]: [../lib.mk:222: .../kselftest/mm/khugepaged] Error 1 (ignored)" is khugepaged.
std::vector<std::string> failed_programs(std::string_view log) {
  std::vector<std::string> programs;
  for (const std::string_view line : split(log, '\n')) {
    const std::size_t end = line.find("] Error ");
    const std::size_t at = line.find("/kselftest/");
    if (end == std::string_view::npos || at > end) continue;
    const fs::path program = line.substr(at, end - at);
    const std::string name = sanitize_for_terminal(program.filename().string());
    // `all` has tried it before `install`.
    if (std::find(programs.begin(), programs.end(), name) == programs.end()) programs.push_back(name);
  }
  return programs;
}

std::string first_errors(std::string_view log) {
  constexpr std::size_t shown = 12;
  std::vector<std::string> lines;
  for (const std::string_view line : split(log, '\n')) {
    if (lines.size() < shown && is_error_line(line)) lines.push_back(sanitize_for_terminal(line));
  }
  return join(lines, "\n");
}

struct Built {
  std::vector<std::string> suites;
  std::vector<std::string> failed;  // programs
};

// The log is kept where those of kernels are.
Result<void> check_installed(const fs::path& cache, const Slot& slot, const std::string& key, Built& built) {
  TRY_ASSIGN(const std::string log, read_file(slot.path / "build.log"));
  built.failed = failed_programs(log);
  const bool whole = std::all_of(built.suites.begin(), built.suites.end(), [&](const std::string& suite) {
    return fs::exists(slot.path / "installed" / suite);
  });
  if (whole && built.failed.empty()) return {};
  const fs::path kept = cache / "logs" / fmt::format("selftests-{}.log", key.substr(0, 16));
  TRY(fs::create_directories(kept.parent_path()));
  TRY(write_file(kept, log));
  if (whole) return {};
  return user_error(
      fmt::format("the selftests {} cannot be built; the log is {}", join(built.suites, ", "), kept.string()),
      first_errors(log));
}

// `make install` in a copy of the source. A program that does not compile is left out: with other libraries
// than its author's that is usual, and the others can run.
Result<void> install(const Slot& slot, const Inputs& inputs, const std::vector<std::string>& suites,
                     const BuildOptions& options) {
  Make make{slot.path / "src",
            inputs.tools,
            {},
            options.jobs > 0 ? options.jobs : default_jobs(),
            slot.path / "build.log"};
  // They include the headers of this kernel.
  make.targets = {"headers"};
  TRY(run_make(make));
  make.targets = {"--ignore-errors",
                  "-C",
                  "tools/testing/selftests",
                  "install",
                  "TARGETS=" + join(suites, " "),
                  "USERLDFLAGS=-static",
                  fmt::format("USERCFLAGS=-ffile-prefix-map={}=.", slot.path.string()),
                  "KSFT_INSTALL_PATH=" + (slot.path / "installed").string()};
  return run_make(make);
}

// A tar of what was installed, with fixed times and owners.
Result<void> make_archive(const fs::path& cache, const fs::path& folder, const Inputs& inputs,
                          const BuildOptions& options, Built& built) {
  Slot slot;
  slot.path = folder / "work";
  TRY(fs::create_directories(slot.path));
  TRY(lay_out(slot, inputs, nullptr));
  auto made = install(slot, inputs, built.suites, options);
  if (!made && made.error().fault != Fault::user) return made;
  TRY(check_installed(cache, slot, key_of(inputs, built.suites), built));
  Command tar;
  tar.argv = {"tar",        "--sort=name",
              "--mtime=@0", "--owner=0",
              "--group=0",  "--numeric-owner",
              "-C",         (slot.path / "installed").string(),
              "-cf",        (folder / archive_name).string(),
              "."};
  tar.deadline = deadline_of::files;
  TRY(run_checked(tar));
  return fs::remove_all(slot.path);
}

Result<void> save_manifest(const fs::path& folder, const Inputs& inputs, const Built& built) {
  TRY_ASSIGN(const std::string digest, sha256_file(folder / archive_name));
  TRY_ASSIGN(const std::uint64_t bytes, fs::file_size(folder / archive_name));
  const json manifest = {{"sha256", digest},
                         {"bytes", bytes},
                         {"suites", built.suites},
                         {"source", inputs.tree.label},
                         {"failed", built.failed}};
  return write_file(folder / manifest_name, json_text(manifest, 1) + "\n");
}

Result<void> check_possible(const fs::path& cache, const Spec& spec) {
  const auto kind = spec.source.kind;
  if (kind == Source::Kind::binary || kind == Source::Kind::image)
    return user_error(fmt::format("selftests need the source of the kernel, which {} lacks", spec.name));
  if (!find_program("rsync")) return infra_error("selftests need rsync: install the package rsync");
  return need_space(cache, needed_bytes, "building selftests");
}

}  // namespace

Result<Selftests> build_selftests(const fs::path& cache_folder, const Spec& spec,
                                  const std::vector<std::string>& suites, const BuildOptions& options) {
  TRY_ASSIGN(const fs::path cache, fs::absolute(cache_folder));
  TRY(check_possible(cache, spec));
  TRY_ASSIGN(const SourceInputs ready, gather(cache, spec, options.on_note));
  TRY_ASSIGN(const auto names, suites_in(ready.inputs.tree, suites));
  const fs::path root = cache / "selftests";
  const fs::path folder = root / key_of(ready.inputs, names);
  TRY(fs::create_directories(root));
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(root / ".lock"));
  if (auto tests = load(folder)) {
    cache::touch(folder);
    return std::move(*tests);
  }
  if (options.on_note)
    options.on_note(fmt::format("{}: building the selftests {}", spec.name, join(names, ", ")));
  TRY(fs::remove_all(folder));  // incomplete: made again
  TRY_ASSIGN(TempDir making, TempDir::make(root, ".new-"));
  Built built{names, {}};
  TRY(make_archive(cache, making.path(), ready.inputs, options, built));
  TRY(save_manifest(making.path(), ready.inputs, built));
  TRY(making.commit(folder));
  if (auto tests = load(folder)) return std::move(*tests);
  return infra_error(fmt::format("{} was removed while it was being built", folder.string()));
}

Result<void> verify_selftests(const fs::path& folder) {
  const auto tests = load(folder);
  if (!tests) return infra_error(fmt::format("{} is incomplete", folder.string()));
  TRY_ASSIGN(const std::string now, sha256_file(tests->archive));
  if (now == tests->digest) return {};
  return infra_error(fmt::format("{} is damaged: remove {} and it is built again", tests->archive.string(),
                                 folder.string()));
}

}  // namespace hangar::kernel
