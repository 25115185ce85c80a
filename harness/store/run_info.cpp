// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"
#include "harness/store/run_directory.h"

namespace hangar::store {

using nlohmann::json;

std::string to_json(const RunInfo& info) {
  const json all = {{"schema", "hangar.run-info/1"},
                    {"id", info.id},
                    {"experiment", or_null(info.experiment)},
                    {"scenario", or_null(info.scenario)},
                    {"scenario_file", or_null(info.scenario_file.string())},
                    {"kernel", or_null(info.kernel)},
                    {"kernel_release", or_null(info.kernel_release)},
                    {"kernel_digest", or_null(info.kernel_digest)},
                    {"kernel_source", or_null(info.kernel_source)},
                    {"kernel_revision", or_null(info.kernel_revision)},
                    {"kernel_dirty", info.kernel_dirty},
                    {"kernel_config_digest", or_null(info.kernel_config_digest)},
                    {"kernel_signature", or_null(info.kernel_signature)},
                    {"initrd_digest", or_null(info.initrd_digest)},
                    {"disk_digest", or_null(info.disk_digest)},
                    {"image", or_null(info.image)},
                    {"image_digest", or_null(info.image_digest)},
                    {"machine", or_null(info.machine)},
                    {"cmdline", or_null(info.cmdline)},
                    {"append", or_null(info.append)},
                    {"guest_argv", info.guest_argv},
                    {"qemu_argv", info.qemu_argv},
                    {"qemu", or_null(info.qemu)},
                    {"node", or_null(info.node)},
                    {"cpu", or_null(info.cpu)},
                    {"seed", info.seed},
                    {"delay_ms", info.delay_ms},
                    {"restored", info.restored},
                    {"boot", or_null(info.boot)},
                    {"started_unix", info.started_unix},
                    {"wall_s", info.wall_s},
                    {"timings", info.timings},
                    {"host_trouble", info.host_trouble}};
  return json_text(all, 1) + "\n";
}

// Older versions do not write all of them.
static void read_fields(JsonReader& in, RunInfo& info) {
  in.take_if("id", info.id).take_if("experiment", info.experiment).take_if("scenario", info.scenario);
  in.take_if("scenario_file", info.scenario_file).take_if("kernel", info.kernel);
  in.take_if("kernel_release", info.kernel_release).take_if("kernel_digest", info.kernel_digest);
  in.take_if("kernel_source", info.kernel_source).take_if("kernel_revision", info.kernel_revision);
  in.take_if("kernel_dirty", info.kernel_dirty).take_if("kernel_config_digest", info.kernel_config_digest);
  in.take_if("kernel_signature", info.kernel_signature).take_if("append", info.append);
  in.take_if("initrd_digest", info.initrd_digest).take_if("disk_digest", info.disk_digest);
  in.take_if("image", info.image).take_if("image_digest", info.image_digest);
  in.take_if("machine", info.machine).take_if("cmdline", info.cmdline);
  in.take_if("guest_argv", info.guest_argv).take_if("qemu_argv", info.qemu_argv);
  in.take_if("qemu", info.qemu).take_if("node", info.node).take_if("cpu", info.cpu);
  in.take_if("seed", info.seed).take_if("delay_ms", info.delay_ms).take_if("restored", info.restored);
  in.take_if("boot", info.boot).take_if("started_unix", info.started_unix);
  in.take_if("wall_s", info.wall_s)
      .take_if("timings", info.timings)
      .take_if("host_trouble", info.host_trouble);
}

Result<RunInfo> run_info_from_json(const std::string& text) {
  TRY_ASSIGN(const json all, parse_json(text));
  return decode_as<RunInfo>(all, "a run.json");
}

}  // namespace hangar::store
