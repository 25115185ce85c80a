// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/shelves.h"
#include "harness/kernel/build/build_order.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::cli {
namespace {

constexpr const char* about =
    "Builds kernels into the cache. Kernels that are in the cache already are not built again.";
constexpr const char* example =
    "  hangar build v6.1\n"
    "  hangar build v6.1 v6.1-oom-2015 --jobs 2\n"
    "  hangar build ../linux/        # a working tree, committed or not";

struct Built {
  kernel::Artifact artifact;
  bool cached = false;
};

struct Failed {
  std::string kernel;
  Error error;
};

struct Outcome {
  std::vector<Built> built;  // in the order in which they were named
  std::vector<Failed> failed;
};

Result<Built> build_one(const kernel::Cache& cache, const kernel::Spec& spec, int jobs, Terminal& terminal) {
  const auto note = [&](const std::string& text) { terminal.say(text); };
  auto found = cache.find(spec);  // what it finds damaged, build() reports
  if (!found) return std::move(found).error();
  if (*found) return Built{std::move(**found), true};
  const cache::Shelves shelves = experiment::shelves_of(cache.root());
  kernel::BuildOptions options;
  options.kept = &shelves;
  options.jobs = jobs;
  options.on_note = note;
  options.on_progress = [&](const BuildProgress& progress) {
    terminal.live(build_line(spec.name, progress));
  };
  auto built = cache.build(spec, options);
  terminal.live_done();
  if (!built) return std::move(built).error();
  return Built{std::move(*built), false};
}

nlohmann::json to_json(const Built& built) {
  const kernel::Artifact& artifact = built.artifact;
  const auto path = [](const fs::path& value) {
    return value.empty() ? nlohmann::json() : nlohmann::json(value.string());
  };
  return {{"kernel", artifact.name},
          {"key", artifact.key},
          {"cached", built.cached},
          {"release", or_null(artifact.release)},
          {"directory", path(artifact.directory)},
          {"bzimage", path(artifact.bzimage)},
          {"vmlinux", path(artifact.vmlinux)},
          {"cmdline", artifact.cmdline},
          {"signature", or_null(artifact.signature)},
          {"build_s", artifact.build_s}};
}

// Kernels that were built from different inputs and came out as the same code, by their signature.
std::vector<std::vector<std::string>> same_code(const std::vector<Built>& all) {
  std::map<std::string, std::map<std::string, std::string>> names;  // by signature, then by key
  for (const Built& built : all) {
    if (!built.artifact.signature.empty())
      names[built.artifact.signature].emplace(built.artifact.key, built.artifact.name);
  }
  std::vector<std::vector<std::string>> groups;
  for (const auto& [signature, by_key] : names) {
    if (by_key.size() < 2) continue;
    groups.emplace_back();
    for (const auto& [key, name] : by_key) groups.back().push_back(name);
  }
  return groups;
}

void print_plain(const Outcome& outcome) {
  for (const Built& built : outcome.built) {
    const kernel::Artifact& artifact = built.artifact;
    const std::string where = artifact.directory.empty()
                                  ? (artifact.bzimage.empty() ? artifact.vmlinux : artifact.bzimage).string()
                                  : artifact.directory.string();
    const std::string how = artifact.directory.empty() ? "given"
                            : built.cached             ? "in the cache"
                                                       : "built in " + format_seconds(artifact.build_s);
    print_out("{}  {}  {}  {}\n", artifact.name, artifact.release.value_or("unknown release"), how, where);
  }
  for (const auto& names : same_code(outcome.built))
    print_out("same code from different inputs: {}\n", join(names, ", "));
  for (const Failed& failed : outcome.failed) {
    print_out("{}  failed: {}\n", failed.kernel, sanitize_for_terminal(failed.error.message));
    for (const std::string_view line : split(failed.error.detail, '\n'))
      if (!line.empty()) print_out("  {}\n", sanitize_for_terminal(line));
  }
}

void print_json(const Outcome& outcome) {
  nlohmann::json out = {{"schema", "hangar.build/1"},
                        {"kernels", nlohmann::json::array()},
                        {"same_code", same_code(outcome.built)},
                        {"failed", nlohmann::json::array()}};
  for (const Built& built : outcome.built) out["kernels"].push_back(to_json(built));
  for (const Failed& failed : outcome.failed) {
    out["failed"].push_back({{"kernel", failed.kernel},
                             {"exit_status", exit_status(failed.error)},
                             {"error", failed.error.message},
                             {"detail", failed.error.detail}});
  }
  print_out("{}\n", json_text(out, 2));
}

Result<std::vector<kernel::Spec>> load_specs(const std::string& tree, std::vector<std::string> names) {
  if (names.empty()) names = kernel::spec_names(tree);
  if (names.empty()) return user_error(fmt::format("no kernel specs in {}/kernels", tree));
  std::vector<kernel::Spec> specs;
  for (const std::string& name : names) {
    TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(tree, name));
    specs.push_back(std::move(spec));
  }
  return specs;
}

// One after the other, each with all cores. One that fails does not keep the others from being built.
Outcome build_all(const kernel::Cache& cache, const std::vector<kernel::Spec>& specs, int jobs,
                  Terminal& terminal) {
  std::vector<std::optional<Built>> built(specs.size());
  Outcome outcome;
  for (const size_t i : kernel::build_order(specs)) {
    auto one = build_one(cache, specs[i], jobs, terminal);
    if (one) {
      built[i] = std::move(*one);
      continue;
    }
    if (one.error().fault == Fault::interrupted) {
      outcome.failed.push_back({specs[i].name, std::move(one).error()});
      break;
    }
    if (specs.size() > 1)
      terminal.say(fmt::format("{}: failed; continuing with the other kernels", specs[i].name));
    outcome.failed.push_back({specs[i].name, std::move(one).error()});
  }
  for (auto& one : built)
    if (one) outcome.built.push_back(std::move(*one));
  return outcome;
}

}  // namespace

Result<int> build_command(const Args& args) {
  Options options("build", about, example);
  std::vector<std::string> names;
  std::optional<int> jobs;
  options.list("spec", names,
               "kernels to build: names in kernels/, composed names, or paths of specs and source trees "
               "(default: all of kernels/)",
               "KERNEL|PATH");
  options.value("-j,--jobs", jobs, "number of compiler processes (default: by cores and memory)");
  bool no_memalloc_info = false;
  options.flag("--no-memalloc-info", no_memalloc_info,
               "build source trees without the series memalloc-info (default: with it, where it fits)");
  TRY_ASSIGN(const bool go_on, options.parse(args));
  if (!go_on) return 0;
  if (jobs && *jobs < 1) return user_error("--jobs: expected a number of at least 1");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(auto specs, load_specs(tree, names));
  for (kernel::Spec& spec : specs) {
    if (no_memalloc_info) spec.if_they_fit.clear();
  }
  const Common& common = options.common();
  TRY_ASSIGN(const Home home, common.home());
  Terminal terminal(common.quiet, common.no_color);
  const Outcome outcome = build_all(kernel::Cache(home.cache), specs, jobs.value_or(0), terminal);
  if (specs.size() == 1 && !outcome.failed.empty()) return outcome.failed.front().error;
  if (common.json) {
    print_json(outcome);
  } else {
    print_plain(outcome);
  }
  if (Cancel::requested()) return exit_status(interrupted_error());
  int worst = 0;
  for (const Failed& failed : outcome.failed) worst = std::max(worst, exit_status(failed.error));
  return worst;
}

}  // namespace hangar::cli
