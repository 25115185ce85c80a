// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/bundle.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
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

HANGAR_JSON_FIELDS(Step, name, number, argv, may_fail)

namespace {

constexpr const char* format = "hangar.bundle/2";
constexpr const char* flat_format = "hangar.bundle/1";

// Each member and its key, for writing (const Spec) and for reading.
template <typename Spec, typename Visit>
void visit_spec(Spec& spec, Visit&& visit) {
  visit("id", spec.id);
  visit("experiment", spec.experiment);
  visit("cell", spec.cell);
  visit("repeat", spec.repeat);
  visit("scenario", spec.scenario);
  visit("scenario_yaml", spec.scenario_yaml);
  visit("kernel", spec.kernel);
  visit("kernel_key", spec.kernel_key);
  visit("kernel_release", spec.kernel_release);
  visit("kernel_source", spec.kernel_source);
  visit("kernel_revision", spec.kernel_revision);
  visit("kernel_dirty", spec.kernel_dirty);
  visit("kernel_config_digest", spec.kernel_config_digest);
  visit("kernel_signature", spec.kernel_signature);
  visit("initrd_digest", spec.initrd_digest);
  visit("disk_digest", spec.disk_digest);
  visit("image", spec.image);
  visit("image_digest", spec.image_digest);
  visit("disk_iops", spec.disk_iops);
  visit("cmdline", spec.cmdline);
  visit("append", spec.append);
  visit("accel", spec.accel);
  visit("cpus", spec.cpus);
  visit("memory_bytes", spec.memory_bytes);
  visit("argv", spec.argv);
  visit("steps", spec.steps);
  visit("shuffled", spec.shuffled);
  visit("exec", spec.exec);
  visit("judged_as", spec.judged_as);
  visit("seed", spec.seed);
  visit("start_delay_ms", spec.start_delay);
  visit("deadline_ms", spec.deadline);
  visit("boot_deadline_ms", spec.boot_deadline);
  visit("idle_deadline_ms", spec.idle_deadline);
  visit("hang_threshold_ms", spec.hang_threshold);
  visit("on_hang", spec.on_hang);
  visit("restored", spec.restored);
  visit("guest_number", spec.guest_number);
  visit("boot", spec.boot);
}

template <typename Place, typename Visit>
void visit_placement(Place& placement, Visit&& visit) {
  visit("kernel_path", placement.kernel_path);
  visit("initrd", placement.initrd);
  visit("disk", placement.disk);
  visit("root", placement.root);
  visit("root_format", placement.root_format);
  visit("clock", placement.clock);
  visit("connect", placement.connect);
  visit("scratch", placement.scratch);
  visit("capabilities_cache", placement.capabilities_cache);
  visit("saved_guest", placement.saved_guest);
  visit("save", placement.save);
  visit("started_unix", placement.started_unix);
}

// With defaults: runs that an older Hangar left are judged too.
auto taker(JsonReader& in) {
  return [&in](const char* key, auto& value) { in.take_if(key, value); };
}

auto putter(nlohmann::json& out) {
  return [&out](const char* key, const auto& value) { out[key] = value; };
}

// One flat object, and the clock was a word of the command line.
void read_flat(JsonReader& in, Bundle& bundle) {
  visit_spec(static_cast<RunSpec&>(bundle), taker(in));
  visit_placement(bundle.placement, taker(in));
  bundle.restored = !bundle.placement.saved_guest.empty();
  std::vector<std::string> words;
  for (const std::string_view word : split(bundle.cmdline, ' ')) {
    if (word.starts_with("tsc_early_khz=")) {
      bundle.placement.clock = word;
    } else {
      words.emplace_back(word);
    }
  }
  bundle.cmdline = join(words, " ");
}

}  // namespace

// Not in the unnamed namespace, where decode() would not find them.
static void read_fields(JsonReader& in, RunSpec& spec) {
  visit_spec(spec, taker(in));
}
static void read_fields(JsonReader& in, Placement& placement) {
  visit_placement(placement, taker(in));
}

std::vector<std::string> program_words(const RunSpec& spec) {
  if (spec.steps.empty()) return spec.argv;
  std::vector<Step> steps = spec.steps;
  const auto before = [](const Step& a, const Step& b) { return a.number < b.number; };
  if (spec.shuffled) std::stable_sort(steps.begin(), steps.end(), before);
  std::vector<std::string> words;
  for (const Step& step : steps) {
    if (!words.empty()) words.emplace_back(";");
    words.insert(words.end(), step.argv.begin(), step.argv.end());
  }
  return words;
}

std::string image_words(ImageKind image, const std::string& digest) {
  constexpr std::size_t shown = 12;
  return image == ImageKind::initramfs ? "" : to_string(image) + " image " + digest.substr(0, shown);
}

std::string full_cmdline(const Bundle& bundle) {
  // First: what the user appends has the last word.
  return std::string(trim(bundle.placement.clock + " " + bundle.cmdline));
}

std::string to_json(const Bundle& bundle) {
  nlohmann::json spec;
  visit_spec(static_cast<const RunSpec&>(bundle), putter(spec));
  nlohmann::json placement;
  visit_placement(bundle.placement, putter(placement));
  return json_text(nlohmann::ordered_json{{"schema", format}, {"spec", spec}, {"placement", placement}}, 1) +
         "\n";
}

Result<Bundle> bundle_from_json(const std::string& text) {
  TRY_ASSIGN(const auto object, parse_json(text));
  Bundle bundle;
  JsonReader in(object);
  const std::string schema = field<std::string>(object, "schema").value_or(flat_format);
  if (schema != format && schema != flat_format) {
    return user_error(fmt::format("unsupported schema version `{}` of bundle.json (known: {}, {})", schema,
                                  flat_format, format));
  }
  if (schema == format) {
    in.take("spec", static_cast<RunSpec&>(bundle)).take_if("placement", bundle.placement);
  } else {
    read_flat(in, bundle);
  }
  TRY(in.done("a bundle.json"));
  return bundle;
}

Result<Bundle> load_bundle(const fs::path& folder) {
  const fs::path file = folder / bundle_file;
  TRY_ASSIGN(const std::string text, read_file(file));
  auto bundle = bundle_from_json(text);
  if (!bundle) return std::move(bundle).error().within(file.string());
  return bundle;
}

}  // namespace hangar::run
