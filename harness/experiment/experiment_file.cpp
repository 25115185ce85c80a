// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/experiment_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* schema = "hangar.experiment/1";

fs::path folder_of(const fs::path& state) {
  return state / "experiments";
}

ordered_json request_json(const run::Request& request) {
  return {{"source_tree", request.source_tree.string()},
          {"scenarios", request.scenarios},
          {"kernels", request.kernels},
          {"matrix", request.matrix},
          {"expect", request.expect},
          {"append", request.append},
          {"exec", request.exec ? ordered_json(request.exec->string()) : ordered_json(nullptr)},
          {"command", or_null(request.command)},
          {"locked", request.locked},
          {"image",
           request.machine.image ? ordered_json(to_text(*request.machine.image)) : ordered_json(nullptr)},
          {"args", request.args},
          {"steps", request.steps},
          {"memalloc_info", request.memalloc_info},
          {"memory_bytes", or_null(request.machine.memory_bytes)},
          {"cpus", or_null(request.machine.cpus)},
          {"disk", or_null(request.machine.disk)},
          {"disk_iops", or_null(request.machine.disk_iops)},
          {"repeat", or_null(request.repeat)},
          {"until_hang", request.until_hang},
          {"until_fail", request.until_fail},
          {"until_confident", or_null(request.until_confident)},
          {"jobs", request.jobs},
          {"exclusive", request.exclusive},
          {"seed", or_null(request.seed)},
          {"boot", to_string(request.boot)},
          {"connect", join(request.connect, " ")},
          {"accel", to_string(request.machine.accel)},
          {"on_hang", request.run.on_hang ? ordered_json(json(*request.run.on_hang)) : ordered_json(nullptr)},
          {"watch_ms", request.run.watch ? ordered_json(request.run.watch->count()) : ordered_json(nullptr)},
          {"guests", request.guests},
          {"first_guest", request.first_guest}};
}

void take_run(JsonReader& in, scenario::RunChanges& run) {
  std::optional<std::int64_t> watch_ms;
  in.take_if("on_hang", run.on_hang).take_if("watch_ms", watch_ms);
  if (watch_ms) run.watch = std::chrono::milliseconds(*watch_ms);
}

// Empty: none.
template <typename E>
void take_word(JsonReader& in, const char* key, const std::string& word, std::optional<E>& into) {
  if (word.empty()) return;
  into = from_word<E>(word);
  if (!into) in.refuse({key, "is the unknown word `" + word + "`"});
}

void take_machine(JsonReader& in, scenario::MachineChanges& machine) {
  std::string accel;
  in.take("memory_bytes", machine.memory_bytes).take("cpus", machine.cpus).take("accel", accel);
  std::string image;
  in.take_if("image", image);
  if (!image.empty()) {
    auto choice = scenario::parse_image(image);
    if (choice) machine.image = std::move(*choice);
    if (!choice) in.refuse({"image", "is the unknown image `" + image + "`"});
  }
  in.take_if("disk", machine.disk).take_if("disk_iops", machine.disk_iops);
  take_word(in, "accel", accel, machine.accel);
}

}  // namespace

}  // namespace hangar::experiment

namespace hangar::run {

// What take_if() reads was added since the first version.
static void read_fields(JsonReader& in, Request& request) {
  in.take("source_tree", request.source_tree).take("scenarios", request.scenarios);
  in.take("kernels", request.kernels).take_if("matrix", request.matrix).take_if("expect", request.expect);
  in.take("append", request.append).take("exec", request.exec).take("args", request.args);
  in.take_if("steps", request.steps).take_if("command", request.command).take_if("locked", request.locked);
  experiment::take_machine(in, request.machine);
  experiment::take_run(in, request.run);
  request.memalloc_info = false;  // both: before they were recorded
  request.guests = 1;
  in.take_if("memalloc_info", request.memalloc_info);
  in.take_if("guests", request.guests).take_if("first_guest", request.first_guest);
  in.take("repeat", request.repeat).take("until_hang", request.until_hang);
  in.take_if("until_fail", request.until_fail).take("until_confident", request.until_confident);
  in.take("jobs", request.jobs).take("exclusive", request.exclusive).take("seed", request.seed);
  std::string boot;
  std::string connect;
  in.take("boot", boot).take("connect", connect);
  for (const std::string_view uri : split(connect, ' ')) {
    if (!uri.empty()) request.connect.emplace_back(uri);
  }
  experiment::take_word(in, "boot", boot, request.boot);
}

}  // namespace hangar::run

namespace hangar::experiment {

// Before there was an accelerator for each cell, the choice for the first one was the request's.
static void read_fields(JsonReader& in, ExperimentFile& file) {
  in.take("id", file.id).take("directory", file.directory).take("request", file.request);
  in.take("cells", file.cells).take_if("accels", file.accels);
}

namespace {

Result<std::vector<std::string>> ids_in(const fs::path& folder) {
  std::vector<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(folder));
  for (const auto& entry : entries) {
    const fs::path& path = entry.path();
    if (path.extension() == ".json" && store::is_id(path.stem().string())) ids.push_back(path.stem());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::string> resolve(const std::vector<std::string>& ids, const std::string& word) {
  if (ids.empty()) return user_error("no experiment is stored; start one with `hangar run`");
  if (word == "last") return ids.back();
  std::vector<std::string> fitting;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(fitting),
               [&](const std::string& id) { return id.starts_with(word); });
  if (fitting.empty() || word.empty()) {
    return user_error(fmt::format("no experiment `{}`; the last one is {}", word, ids.back()));
  }
  if (fitting.size() > 1) {
    return user_error(fmt::format("`{}` is ambiguous: {} experiments begin with it, such as {}", word,
                                  fitting.size(), fitting[0]));
  }
  return fitting[0];
}

}  // namespace

std::map<std::string, std::string> ingredients(const run::Bundle& bundle) {
  std::map<std::string, std::string> all = {
      {"scenario", bundle.scenario},
      {"scenario's text", sha256(bundle.scenario_yaml)},
      {"kernel's name", bundle.kernel},
      {"kernel", bundle.kernel_key},
      {"command line", bundle.cmdline},
      {"initramfs", bundle.initrd_digest},
      {"disk", bundle.disk_digest},
      {"program", fmt::format("{}", fmt::join(run::program_words(bundle), " "))}};
  // Experiments of earlier versions have no such key.
  if (bundle.image != ImageKind::initramfs)
    all["image"] = run::image_words(bundle.image, bundle.image_digest);
  return all;
}

namespace {

bool is_same(const std::string& name, const std::string& then, const std::string& now) {
  return then == now || (name == "kernel's name" && current_kernel_name(then) == now);
}

}  // namespace

Result<void> check_unchanged(const std::vector<std::map<std::string, std::string>>& then,
                             const std::vector<std::map<std::string, std::string>>& now) {
  const std::string advice = ". Start a new one with `hangar run`";
  if (then.size() != now.size()) {
    return user_error(fmt::format("cannot resume: the experiment had {} cells, now there are {}{}",
                                  then.size(), now.size(), advice));
  }
  for (size_t i = 0; i < then.size(); ++i) {
    for (const auto& [name, value] : now[i]) {
      const auto before = then[i].find(name);
      if (before != then[i].end() && is_same(name, before->second, value)) continue;
      return user_error(
          fmt::format("cannot resume: the {} of {} on {} has changed since the experiment started{}", name,
                      now[i].at("scenario"), now[i].at("kernel's name"), advice));
    }
  }
  return {};
}

std::string to_json(const ExperimentFile& file) {
  const ordered_json out = {{"schema", schema},
                            {"id", file.id},
                            {"directory", file.directory.string()},
                            {"request", request_json(file.request)},
                            {"cells", file.cells},
                            {"accels", file.accels}};
  return json_text(out, 1) + "\n";
}

Result<ExperimentFile> experiment_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_json(text));
  std::string written;
  TRY(JsonReader(in).take("schema", written).done("an experiment"));
  if (written != schema) return user_error(fmt::format("unsupported schema version {}", written));
  return decode_as<ExperimentFile>(in, "an experiment");
}

Result<void> save_experiment(const fs::path& state, const ExperimentFile& file) {
  TRY(fs::create_directories(folder_of(state)));
  return write_file_durably(folder_of(state) / (file.id + ".json"), to_json(file));
}

Result<ExperimentFile> find_experiment(const fs::path& state, const std::string& word) {
  TRY_ASSIGN(const auto ids, ids_in(folder_of(state)));
  TRY_ASSIGN(const std::string id, resolve(ids, word));
  const fs::path path = folder_of(state) / (id + ".json");
  TRY_ASSIGN(const std::string text, read_file(path));
  auto file = experiment_from_json(text);
  if (!file) return std::move(file).error().within(path.string());
  return file;
}

bool is_plain(const fs::path& state, const std::string& experiment, const std::string& append,
              const std::optional<scenario::ImageChoice>& image) {
  const auto file = find_experiment(state, experiment);
  if (!file) return true;
  const run::Request& request = file->request;
  scenario::MachineChanges machine;
  machine.image = image;
  return !request.exec && request.command.empty() && request.args.empty() && request.steps.empty() &&
         request.append == append && request.machine == machine && !request.run.on_hang && !request.run.watch;
}

Result<FileLock> lock_experiment(const fs::path& state, const std::string& id) {
  TRY_ASSIGN(auto lock, FileLock::try_acquire(folder_of(state) / (id + ".json")));
  if (!lock) return user_error(fmt::format("another hangar is running the experiment {}", id));
  return std::move(*lock);
}

}  // namespace hangar::experiment
