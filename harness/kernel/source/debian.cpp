// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/debian.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

constexpr const char* keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
// Without this apt, when root, becomes the user _apt, which may not write into the cache.
const std::vector<std::string>& common_options() {
  static const std::vector<std::string> options = {"-o", "APT::Sandbox::User=root"};
  return options;
}

// Lists, cache and sources of apt all below `folder`. The status file of dpkg is left out: nothing is
// installed.
std::vector<std::string> private_options(const fs::path& folder) {
  std::vector<std::string> options = common_options();
  const std::string at = folder.string();
  for (const auto& [key, value] : {std::pair<const char*, std::string>("Dir::State", at + "/state"),
                                   {"Dir::State::status", "/dev/null"},
                                   {"Dir::Cache", at + "/cache"},
                                   {"Dir::Etc::sourcelist", at + "/suite.sources"},
                                   {"Dir::Etc::sourceparts", "/dev/null"},
                                   {"APT::Architecture", "amd64"},
                                   {"APT::Architectures", "amd64"},
                                   {"Acquire::Languages", "none"},
                                   {"Acquire::Retries", "1"}}) {
    options.insert(options.end(), {"-o", fmt::format("{}={}", key, value)});
  }
  return options;
}

Result<fs::path> only_package(const fs::path& folder) {
  TRY_ASSIGN(const auto entries, fs::list(folder));
  for (const auto& entry : entries)
    if (entry.path().extension() == ".deb") return entry.path();
  return infra_error(fmt::format("a download into {} succeeded and left no package", folder.string()));
}

Result<Mirrors> machine_mirrors() {
  TRY_ASSIGN(const Finished said, run_process({.argv = {"apt-get", "indextargets", "--format",
                                                        indextargets_format, "Created-By: Packages"},
                                               .deadline = deadline_of::question}));
  Mirrors mirrors = said.good() ? parse_mirrors(said.output) : Mirrors();
  if (!mirrors.main.empty()) return mirrors;
  return infra_error("apt knows no mirror of Debian: run `apt-get update`, or name one in apt's sources",
                     said.output);
}

// The name up to its first digit: "linux-image-", "linux-source-".
std::string family(const std::string& name) {
  return name.substr(0, name.find_first_of("0123456789"));
}

std::string flavour(const std::string& name) {
  const size_t dash = name.find("-cloud-");
  return dash == std::string::npos ? "" : name.substr(dash);
}

bool is_for_debugging(const std::string& name) {
  return name.find("-dbg") != std::string::npos || name.find("-unsigned") != std::string::npos;
}

// Those of `known` that are similar to `name`.
std::vector<std::string> alike(const std::string& name, const std::vector<std::string>& known) {
  std::vector<std::string> out;
  for (const std::string& other : known)
    if (family(other) == family(name) && other.find(flavour(name)) != std::string::npos) out.push_back(other);
  return out;
}

}  // namespace

Result<std::string> suite_sources(const std::string& suite) {
  TRY_ASSIGN(const Mirrors mirrors, machine_mirrors());
  return sources_text(suite, mirrors, keyring);
}

Result<PackageLists> PackageLists::open(const fs::path& cache, const std::string& suite,
                                        const std::function<void(const std::string&)>& tell) {
  if (!find_program("apt-get"))
    return infra_error("kernels from Debian packages need apt, and this machine has no apt-get");
  if (suite.empty()) return PackageLists(suite, common_options());
  if (!fs::exists(keyring)) {
    return infra_error(
        fmt::format("{} is missing: packages cannot be verified. Install debian-archive-keyring", keyring));
  }
  const fs::path folder = cache / "debian" / suite;
  for (const char* inner : {"state/lists/partial", "cache/archives/partial"})
    TRY(fs::create_directories(folder / inner));
  TRY_ASSIGN(const std::string sources, suite_sources(suite));
  TRY(write_file(folder / "suite.sources", sources));
  PackageLists lists(suite, private_options(folder));
  if (tell) tell(fmt::format("fetching the package lists of Debian's suite {}", suite));
  TRY_ASSIGN(const Finished finished,
             run_process({.argv = lists.command("apt-get", {"update", "-q", "--error-on=any"}),
                          .deadline = deadline_of::download}));
  if (finished.good()) return lists;
  (void)fs::remove_all(folder);
  return update_failure(suite, finished.output);
}

std::vector<std::string> PackageLists::command(const std::string& program,
                                               const std::vector<std::string>& words) const {
  // apt's messages are searched for words, so they have to be in English.
  std::vector<std::string> argv = {"env", "LC_ALL=C", program};
  argv.insert(argv.end(), options_.begin(), options_.end());
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

Result<DebianPackage> PackageLists::look_up(const std::string& name) const {
  TRY_ASSIGN(const Finished said,
             run_process({.argv = command("apt-cache", {"show", "--no-all-versions", name}),
                          .deadline = deadline_of::question}));
  const auto packages = parse_packages(said.output);
  const auto found = std::find_if(packages.begin(), packages.end(),
                                  [&](const DebianPackage& package) { return package.name == name; });
  if (!said.good() || found == packages.end()) return nothing_called(name);
  return *found;
}

Result<DebianPackage> PackageLists::find(const std::string& name) const {
  TRY_ASSIGN(DebianPackage package, look_up(name));
  const auto points_at =
      std::find_if(package.depends.begin(), package.depends.end(), [&](const std::string& other) {
        return other.compare(0, family(name).size(), family(name)) == 0 && other.size() > name.size();
      });
  // linux-image-6.1.0-50-amd64 depends on other things, a pointer on its image: linux-source on
  // linux-source-7.2.
  if (points_at == package.depends.end()) return package;
  return look_up(*points_at);
}

Error PackageLists::nothing_called(const std::string& name) const {
  std::vector<std::string> known;
  const auto search =
      run_process({.argv = command("apt-cache", {"search", "--names-only", "^linux-(image|source)"}),
                   .deadline = deadline_of::question});
  if (search && search->good()) known = parse_names(search->output);
  known.erase(std::remove_if(known.begin(), known.end(), is_for_debugging), known.end());
  const std::string message =
      fmt::format("no package {} in {}", name,
                  suite_.empty() ? "this machine's package lists" : "Debian's suite " + suite_);
  if (known.empty() && suite_.empty()) {
    return unavailable_error(
        message +
        ", nor any kernel: fetch the lists (`apt-get update`), or name the suite that has "
        "it (`suite: bookworm`)");
  }
  auto shown = alike(name, known);
  if (shown.empty()) shown = alike("linux-source-", known);
  return unavailable_error(message + did_you_mean(name, known), "there are:\n  " + join(shown, "\n  "));
}

Result<fs::path> PackageLists::download(const DebianPackage& package, const fs::path& folder) const {
  const std::string exact = fmt::format("{}={}", package.name, package.version);
  TRY_ASSIGN(const Finished finished, run_process({.argv = command("apt-get", {"download", "-q", exact}),
                                                   .directory = folder,
                                                   .deadline = deadline_of::download}));
  if (!finished.good()) {
    return infra_error(
        fmt::format(
            "cannot download the Debian package {} {}: check the network, and that the package lists are "
            "current (`apt-get update`)",
            package.name, package.version),
        sanitize_for_terminal(trim(finished.output)));
  }
  return only_package(folder);
}

Result<fs::path> download_pinned(const DebianPackage& package, const fs::path& folder) {
  TRY_ASSIGN(const Mirrors mirrors, machine_mirrors());
  // The security archive's files have a separate top folder.
  const bool security = package.filename.compare(0, 13, "pool/updates/") == 0;
  const std::string url = fmt::format("{}/{}", security ? mirrors.security : mirrors.main, package.filename);
  TRY_ASSIGN(const Finished finished,
             run_process({.argv = {"env", "LC_ALL=C", "/usr/lib/apt/apt-helper", "-o",
                                   "APT::Sandbox::User=root", "download-file", url,
                                   (folder / "pinned.deb").string(), "SHA256:" + package.sha256},
                          .deadline = deadline_of::download}));
  if (finished.good()) return only_package(folder);
  const std::string detail = sanitize_for_terminal(trim(finished.output));
  if (finished.output.find("404 ") != std::string::npos) {
    return unavailable_error(fmt::format("the mirror no longer has {} {}, which the lock file pins",
                                         package.name, package.version),
                             detail);
  }
  return infra_error(fmt::format("cannot download {} {}: check the network", package.name, package.version),
                     detail);
}

}  // namespace hangar::kernel
