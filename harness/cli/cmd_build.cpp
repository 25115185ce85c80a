// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/spec.h"

namespace hangar::cli {
namespace {

constexpr const char* about =
    "Builds kernels into the cache. A SPEC is a name in kernels/, or a path (with a slash) to a spec, a "
    "bzImage, a\n"
    "vmlinux or a source tree. Without SPEC: all of kernels/. What is in the cache already is not built "
    "again.";
constexpr const char* example =
    "  hangar build v6.1\n"
    "  hangar build v6.1 v6.1-oom-2015 --jobs 2\n"
    "  hangar build ../linux/        # a working tree, committed or not";

struct Built {
  kernel::Artifact artifact;
  bool cached = false;
};

// Specs that share sources, config and first patches one after the other: each starts from the last one's
// objects.
std::vector<size_t> build_order(const std::vector<kernel::Spec>& specs) {
  std::vector<size_t> order(specs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto rank = [&](size_t i) {
    return std::tuple(kernel::describe(specs[i].source), specs[i].config, specs[i].patches);
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  return order;
}

Result<Built> build_one(const kernel::Cache& cache, const kernel::Spec& spec, int jobs, Terminal& terminal) {
  const auto note = [&](const std::string& text) { terminal.say(text); };
  auto found = cache.find(spec);  // what it finds damaged, build() reports
  if (!found) return std::move(found).error();
  if (*found) return Built{std::move(**found), true};
  kernel::BuildOptions options;
  options.jobs = jobs;
  options.on_note = note;
  options.on_progress = [&](const kernel::BuildProgress& progress) {
    const std::string eta =
        progress.eta_s ? fmt::format(", about {} left", format_seconds(*progress.eta_s)) : std::string();
    terminal.live(fmt::format("{}: {} of {} objects{}  {}", spec.name, progress.done, progress.total, eta,
                              sanitize_for_terminal(progress.current)));
  };
  auto built = cache.build(spec, options);
  terminal.live_done();
  if (!built) return std::move(built).error();
  return Built{std::move(*built), false};
}

nlohmann::json to_json(const Built& built) {
  const kernel::Artifact& artifact = built.artifact;
  const auto path = [](const std::filesystem::path& value) {
    return value.empty() ? nlohmann::json() : nlohmann::json(value.string());
  };
  return {{"kernel", artifact.name},
          {"key", artifact.key},
          {"cached", built.cached},
          {"release", artifact.release ? nlohmann::json(*artifact.release) : nlohmann::json()},
          {"directory", path(artifact.directory)},
          {"bzimage", path(artifact.bzimage)},
          {"vmlinux", path(artifact.vmlinux)},
          {"cmdline", artifact.cmdline},
          {"signature", artifact.signature.empty() ? nlohmann::json() : nlohmann::json(artifact.signature)},
          {"build_s", artifact.build_s}};
}

void print_plain(const std::vector<Built>& all) {
  for (const Built& built : all) {
    const kernel::Artifact& artifact = built.artifact;
    const std::string where = artifact.directory.empty()
                                  ? (artifact.bzimage.empty() ? artifact.vmlinux : artifact.bzimage).string()
                                  : artifact.directory.string();
    const std::string how = artifact.directory.empty() ? "given"
                            : built.cached             ? "in the cache"
                                                       : "built in " + format_seconds(artifact.build_s);
    fmt::print("{}  {}  {}  {}\n", artifact.name, artifact.release.value_or("unknown release"), how, where);
  }
}

Result<std::vector<kernel::Spec>> load_specs(const std::string& tree, std::vector<std::string> names) {
  if (names.empty()) names = kernel::spec_names(tree);
  if (names.empty()) return user_error(fmt::format("there are no kernel specs in {}/kernels", tree));
  std::vector<kernel::Spec> specs;
  for (const std::string& name : names) {
    TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(tree, name));
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace

Result<int> build_command(const Args& args) {
  Options options("build", about, example);
  std::vector<std::string> names;
  std::optional<int> jobs;
  options.list("spec", names, "kernels to build", "SPEC");
  options.value("-j,--jobs", jobs, "compilers at once (default: by cores and memory)");
  TRY_ASSIGN(const bool go_on, options.parse(args));
  if (!go_on) return 0;
  if (jobs && *jobs < 1) return user_error("--jobs takes a number from 1 on");
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const auto specs, load_specs(tree, names));
  const Common& common = options.common();
  Terminal terminal(common.quiet, common.no_color);
  const kernel::Cache cache(common.home().cache);
  std::vector<Built> all(specs.size());
  for (const size_t i : build_order(specs)) {
    TRY_ASSIGN(all[i], build_one(cache, specs[i], jobs.value_or(0), terminal));
  }
  if (!common.json) {
    print_plain(all);
    return 0;
  }
  nlohmann::json out = {{"schema", "hangar.build/1"}, {"kernels", nlohmann::json::array()}};
  for (const Built& built : all) out["kernels"].push_back(to_json(built));
  fmt::print("{}\n", out.dump(2));
  return 0;
}

}  // namespace hangar::cli
