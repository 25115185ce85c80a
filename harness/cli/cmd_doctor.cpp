// SPDX-License-Identifier: GPL-2.0-only
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/engine.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/cluster/doctor.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/prepare.h"
#include "harness/image/image.h"
#include "harness/kernel/build/cache.h"
#include "harness/sandbox/guard.h"
#include "harness/sandbox/kvm_node.h"
#include "harness/vm/connection.h"
#include "harness/vm/remote_uri.h"

namespace hangar::cli {
namespace {

struct Check {
  std::string name;
  std::string status;  // ok, note, missing
  std::string text;
};

Check check_host() {
  struct sysinfo info = {};
  ::sysinfo(&info);
  return {"host", "ok",
          fmt::format("{} cores, {:.1f} GiB of memory, user id {}", std::thread::hardware_concurrency(),
                      static_cast<double>(info.totalram) * info.mem_unit / 0x1p30, ::geteuid())};
}

// Whether the folder, or the nearest one above it that exists, may be written.
Result<void> check_writable(fs::path path) {
  TRY_ASSIGN(bool exists, fs::is_usable_folder(path));
  while (!exists) {
    path = path.parent_path();
    exists = fs::exists(path) || path == path.parent_path();
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) return errno_error("cannot write " + path.string());
  return {};
}

Check check_folder(const char* name, const fs::path& path) {
  if (const auto writable = check_writable(path); !writable)
    return {name, "missing", writable.error().message};
  const auto free = free_bytes(path);
  if (!free) return {name, "missing", free.error().message};
  constexpr std::uint64_t wanted = 4ull << 30;  // a kernel's source and objects
  return {name, *free < wanted ? "missing" : "ok",
          fmt::format("{}, {:.1f} GiB free{}", path.string(), static_cast<double>(*free) / 0x1p30,
                      *free < wanted ? "; a kernel build needs 4 GiB" : "")};
}

Check check_source(const Result<std::optional<fs::path>>& tree) {
  if (!tree) return {"source", "missing", tree.error().message};
  if (*tree) return {"source", "ok", (*tree)->string()};
  return {"source", "missing",
          "cannot find a folder with kernels/, reproducers/ and images/; set HANGAR_SOURCE"};
}

// The packages that harness/packages.txt names.
std::vector<std::string> wanted_packages(std::string_view list) {
  std::vector<std::string> wanted;
  for (std::string_view line : split(list, '\n')) {
    line = trim(line.substr(0, line.find('#')));
    if (!line.empty()) wanted.emplace_back(line);
  }
  return wanted;
}

// The names of the installed packages and of what they provide: "ii nodejs, npm (= 10.0), node-gyp" on a
// line.
std::set<std::string> installed_packages(std::string_view listed) {
  constexpr std::string_view installed = "ii";
  std::set<std::string> names;
  for (std::string_view line : split(listed, '\n')) {
    if (!line.starts_with(installed)) continue;
    line.remove_prefix(installed.size());
    for (const std::string_view name : split(line, ',')) {
      const std::string_view trimmed = trim(name);
      names.emplace(trimmed.substr(0, trimmed.find(' ')));
    }
  }
  return names;
}

// Those of them that dpkg does not know as installed.
Check check_packages(const std::optional<fs::path>& tree) {
  const auto list =
      tree ? read_file(*tree / "harness" / "packages.txt") : Result<std::string>(user_error("no checkout"));
  if (!list || !find_program("dpkg-query"))
    return {"packages", "note", "not checked: this is not Debian, or there is no checkout"};
  const auto asked =
      run_process({.argv = {"dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}, ${Provides}\n"},
                   .deadline = deadline_of::question});
  if (!asked) return {"packages", "note", asked.error().message};
  const std::set<std::string> installed = installed_packages(asked->output);
  std::vector<std::string> missing = wanted_packages(*list);
  std::erase_if(missing, [&](const std::string& name) { return installed.contains(name); });
  if (missing.empty()) return {"packages", "ok", "all of harness/packages.txt"};
  return {"packages", "missing", "install " + join(missing, " ")};
}

Check check_tool(const char* name, const char* what_for) {
  const auto found = find_program(name);
  if (!found) return {name, "missing", fmt::format("needed for {}", what_for)};
  return {name, "ok", found->string()};
}

// In a guarded child: libvirt starts threads, and the trial of KVM must fork without them.
Check check_libvirt(const fs::path& scratch, const fs::path& capabilities) {
  auto folder = sandbox::OwnedFolder::make(scratch, "d");
  if (!folder) return {"libvirt", "missing", folder.error().message};
  vm::ConnectionOptions options;
  options.root = folder->path() / "v";
  options.capabilities_cache = capabilities;
  const fs::path answer = folder->path() / "versions";
  const auto status = sandbox::run_guarded([&] {
    const auto connection = vm::Connection::open(options);
    const std::string text = connection ? (*connection)->versions() : connection.error().message;
    return write_file(answer, text) && connection ? 0 : 3;
  });
  const auto text = read_file(answer);
  return {"libvirt", status && *status == 0 ? "ok" : "missing",
          text ? *text : "the embedded driver did not start"};
}

// A libvirt daemon (--connect). `hangar help machine` lists what it must allow.
Check check_daemon(const std::string& uri) {
  const auto connection = vm::Connection::open({.uri = uri});
  if (!connection) return {"daemon", "missing", connection.error().message};
  const std::string versions = (*connection)->versions();
  if (vm::is_remote(uri)) return {"daemon", "ok", fmt::format("{}: {}", uri, versions)};
  if (sandbox::kvm_node_is_shared()) return {"daemon", "ok", versions};
  return {"daemon", "note",
          versions +
              "; QEMU's user cannot open /dev/kvm: the daemon then probes QEMU at every call, and a start "
              "takes up "
              "to a minute. Add that user to the group of /dev/kvm"};
}

// KVM counts as working only after a guest has booted under it, which needs a built kernel.
Check check_accel(const Home& home, const fs::path& tree, const fs::path& scratch) {
  const kernel::Cache cache(home.cache);
  const auto specs = kernel::list_specs(tree);
  for (const kernel::Spec& spec : specs ? *specs : std::vector<kernel::Spec>()) {
    const auto artifact = cache.find(spec);
    if (!artifact || !*artifact) continue;
    const auto images = image::build_images({.source_tree = tree, .cache = home.cache});
    const auto request =
        experiment::accel_request(home, scratch, **artifact, images ? images->initrd : fs::path());
    const auto report = vm::probe_acceleration(request);
    if (!report) return {"acceleration", "note", report.error().message};
    return {"acceleration", "ok",
            fmt::format("{}: {}{}", to_string(report->accel), report->reason,
                        report->cached ? " (cached result)" : "")};
  }
  return {"acceleration", "note", "not checked: this needs a built kernel (`hangar build v6.1`)"};
}

std::vector<Check> all_checks(const Home& home, const std::vector<std::string>& connect) {
  const auto found = find_source_tree();
  const std::optional<fs::path> tree = found ? *found : std::nullopt;
  std::vector<Check> checks = {check_host(), check_folder("cache", home.cache),
                               check_folder("state", home.state), check_source(found), check_packages(tree)};
  checks.push_back(check_tool("qemu-system-x86_64", "running guests"));
  checks.push_back(check_tool("musl-gcc", "building the guest programs"));
  checks.push_back(check_tool("mke2fs", "making disk images"));
  checks.push_back(check_tool("mkfs.xfs", "making XFS disk images"));
  checks.push_back(check_tool("make", "building kernels"));
  const auto scratch = experiment::scratch_folder();
  if (!scratch) {
    checks.push_back({"scratch", "missing", scratch.error().message});
    return checks;
  }
  checks.push_back(check_libvirt(*scratch, home.cache / "libvirt"));
  if (tree) checks.push_back(check_accel(home, *tree, *scratch));
  for (const std::string& uri : connect) checks.push_back(check_daemon(uri));
  return checks;
}

}  // namespace

Result<int> doctor_command(const Args& args) {
  Options options("doctor",
                  "Checks what Hangar needs on this host, and reports which accelerator is used and why.",
                  "  hangar doctor\n  hangar doctor --json");
  EngineOptions engine;
  declare_engine(options, engine);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const cluster::Site site, site_of(engine));
  std::vector<Check> checks = all_checks(find_home(options.common().home_option), site.connect);
  if (site.engine == cluster::Engine::slurm) {
    for (const cluster::Finding& found : cluster::check_cluster(site))
      checks.push_back({found.name, found.status, found.text});
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  bool good = true;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::vector<std::vector<TableCell>> rows;
  for (const Check& check : checks) {
    good = good && check.status != "missing";
    json.push_back({{"name", check.name}, {"status", check.status}, {"text", check.text}});
    rows.push_back({{check.name},
                    {check.status, check.status == "ok"     ? Color::green
                                   : check.status == "note" ? Color::yellow
                                                            : Color::red},
                    {check.text}});
  }
  if (options.common().json) {
    print_out("{}\n",
              json_text(nlohmann::ordered_json({{"schema", "hangar.doctor/1"}, {"checks", json}}), 1));
  } else {
    print_out("{}", render_table(terminal, {"check", "status", "result"}, rows, terminal.width()));
  }
  return good ? 0 : 3;
}

}  // namespace hangar::cli
