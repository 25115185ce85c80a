// SPDX-License-Identifier: GPL-2.0-only
#include <nlohmann/json.hpp>

#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using nlohmann::json;

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

// What an older or newer Hangar did not write stays as it is; what has the wrong type throws.
template <typename T>
void take(const json& from, const char* key, T& into) {
  if (const auto at = from.find(key); at != from.end() && !at->is_null()) into = at->get<T>();
}

}  // namespace

std::string to_json(const RunInfo& info) {
  const json all = {{"schema", "hangar.run-info/1"},
                    {"id", info.id},
                    {"experiment", text_or_null(info.experiment)},
                    {"scenario", text_or_null(info.scenario)},
                    {"scenario_file", text_or_null(info.scenario_file.string())},
                    {"kernel", text_or_null(info.kernel)},
                    {"kernel_release", text_or_null(info.kernel_release)},
                    {"kernel_digest", text_or_null(info.kernel_digest)},
                    {"initrd_digest", text_or_null(info.initrd_digest)},
                    {"disk_digest", text_or_null(info.disk_digest)},
                    {"machine", text_or_null(info.machine)},
                    {"cmdline", text_or_null(info.cmdline)},
                    {"guest_argv", info.guest_argv},
                    {"qemu_argv", info.qemu_argv},
                    {"seed", info.seed},
                    {"delay_ms", info.delay_ms},
                    {"restored", info.restored},
                    {"boot", text_or_null(info.boot)},
                    {"started_unix", info.started_unix},
                    {"wall_s", info.wall_s},
                    {"host_trouble", info.host_trouble}};
  return all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<RunInfo> run_info_from_json(const std::string& text) {
  RunInfo info;
  std::string scenario_file;
  try {
    const json all = json::parse(text);
    if (!all.is_object()) return user_error("this is not a run.json: no object");
    take(all, "id", info.id);
    take(all, "experiment", info.experiment);
    take(all, "scenario", info.scenario);
    take(all, "scenario_file", scenario_file);
    take(all, "kernel", info.kernel);
    take(all, "kernel_release", info.kernel_release);
    take(all, "kernel_digest", info.kernel_digest);
    take(all, "initrd_digest", info.initrd_digest);
    take(all, "disk_digest", info.disk_digest);
    take(all, "machine", info.machine);
    take(all, "cmdline", info.cmdline);
    take(all, "guest_argv", info.guest_argv);
    take(all, "qemu_argv", info.qemu_argv);
    take(all, "seed", info.seed);
    take(all, "delay_ms", info.delay_ms);
    take(all, "restored", info.restored);
    take(all, "boot", info.boot);
    take(all, "started_unix", info.started_unix);
    take(all, "wall_s", info.wall_s);
    take(all, "host_trouble", info.host_trouble);
  } catch (const json::exception& failure) {
    return user_error(std::string("this is not a run.json: ") + failure.what());
  }
  info.scenario_file = scenario_file;
  return info;
}

}  // namespace hangar::store
