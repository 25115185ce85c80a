// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/base/json.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::cli {
namespace {

constexpr const char* about =
    "Updates the sources of kernels to what is published now. A spec with a lock file gets the current "
    "version "
    "of Debian; a Debian package without one, and a branch of a remote repository, are fetched again. No "
    "other "
    "command updates sources.";
constexpr const char* example =
    "  hangar update newest          # writes kernels/newest.lock\n"
    "  hangar update v6.1 v6.12";

}  // namespace

Result<int> update_command(const Args& args) {
  Options options("update", about, example);
  std::vector<std::string> names;
  options.list("spec", names, "kernels to update (`hangar list kernels`)", "KERNEL");
  options.required("spec");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const std::string tree, need_source_tree());
  const Common& common = options.common();
  TRY_ASSIGN(const Home home, common.home());
  std::vector<kernel::Spec> specs;
  for (const std::string& name : names) {
    TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(tree, name));
    specs.push_back(std::move(spec));
  }
  Terminal terminal(common.quiet, common.no_color);
  nlohmann::ordered_json out = {{"schema", "hangar.update/1"}, {"kernels", nlohmann::ordered_json::array()}};
  for (const kernel::Spec& spec : specs) {
    auto now =
        kernel::update_source(home.cache, spec.source, [&](const std::string& line) { terminal.say(line); });
    if (!now) return std::move(now).error().within("kernel " + spec.name);
    out["kernels"].push_back({{"name", spec.name}, {"source", *now}});
    if (!common.json) print_out("{}  {}\n", sanitize_for_terminal(spec.name), sanitize_for_terminal(*now));
  }
  if (common.json) print_out("{}\n", json_text(out, 1));
  return 0;
}

}  // namespace hangar::cli
