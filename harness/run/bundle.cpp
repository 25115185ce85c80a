// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/bundle.h"

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::scenario {

void to_json(nlohmann::json& out, const Rung& rung) {
  nlohmann::json acts = nlohmann::json::array();
  for (const Act act : rung.acts) acts.push_back(to_string(act));
  out = {{"after_ms", rung.after.count()}, {"keys", rung.keys}, {"do", acts}};
}
void read_fields(JsonReader& in, Rung& rung) {
  std::int64_t after_ms = 0;
  std::vector<std::string> acts;
  in.take("after_ms", after_ms).take("keys", rung.keys).take_if("do", acts);
  rung.after = std::chrono::milliseconds(after_ms);
  for (const std::string& word : acts) {
    if (const auto act = act_from(word)) rung.acts.push_back(*act);
  }
}

}  // namespace hangar::scenario

namespace hangar::run {

// With defaults: runs that an older Hangar left are judged too.
HANGAR_JSON_FIELDS_IF(Bundle, id, experiment, cell, repeat, scenario, scenario_yaml, kernel, kernel_path,
                      kernel_key, kernel_release, initrd, initrd_digest, disk, disk_digest, disk_iops,
                      cmdline, accel, connect, scratch, capabilities_cache, cpus, memory_bytes, argv, exec,
                      judged_as, seed, start_delay_ms, deadline_ms, boot_deadline_ms, hang_threshold_ms,
                      on_hang, started_unix, saved_guest, guest_number, boot, save)

std::string lasting_cmdline(const Bundle& bundle) {
  std::vector<std::string> words;
  for (const std::string_view word : split(bundle.cmdline, ' ')) {
    if (!word.starts_with("tsc_early_khz=")) words.emplace_back(word);
  }
  return join(words, " ");
}

std::string to_json(const Bundle& bundle) {
  nlohmann::json out = bundle;
  out["schema"] = "hangar.bundle/1";
  return json_text(out, 1) + "\n";
}

Result<Bundle> bundle_from_json(const std::string& text) {
  TRY_ASSIGN(const auto in, parse_json(text));
  return decode_as<Bundle>(in, "a bundle.json");
}

}  // namespace hangar::run
