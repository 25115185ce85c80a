// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/experiment_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* schema = "hangar.experiment/1";

fs::path folder_of(const fs::path& state) {
  return state / "experiments";
}

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

template <typename T>
void take(const json& in, const char* key, std::optional<T>& into) {
  if (!in.at(key).is_null()) into = in.at(key).get<T>();
}

ordered_json request_json(const Request& request) {
  return {{"source_tree", request.source_tree.string()},
          {"scenarios", request.scenarios},
          {"kernels", request.kernels},
          {"matrix", request.matrix},
          {"expect", request.expect},
          {"append", request.append},
          {"exec", request.exec ? ordered_json(request.exec->string()) : ordered_json(nullptr)},
          {"args", request.args},
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
          {"boot", request.boot},
          {"connect", request.connect},
          {"accel", request.machine.accel.value_or("")},
          {"on_hang", request.run.on_hang ? ordered_json(json(*request.run.on_hang)) : ordered_json(nullptr)},
          {"watch_ms", request.run.watch ? ordered_json(request.run.watch->count()) : ordered_json(nullptr)},
          {"guests", request.guests},
          {"first_guest", request.first_guest}};
}

scenario::RunChanges run_from(const json& in) {
  scenario::RunChanges run;
  std::optional<std::int64_t> watch_ms;
  if (in.contains("on_hang")) take(in, "on_hang", run.on_hang);
  if (in.contains("watch_ms")) take(in, "watch_ms", watch_ms);
  if (watch_ms) run.watch = std::chrono::milliseconds(*watch_ms);
  return run;
}

scenario::MachineChanges machine_from(const json& in) {
  scenario::MachineChanges machine;
  take(in, "memory_bytes", machine.memory_bytes);
  take(in, "cpus", machine.cpus);
  if (in.contains("disk")) take(in, "disk", machine.disk);
  if (in.contains("disk_iops")) take(in, "disk_iops", machine.disk_iops);
  const std::string accel = in.at("accel");
  if (!accel.empty()) machine.accel = accel;
  return machine;
}

Request request_from(const json& in) {
  Request request;
  std::optional<std::string> exec;
  request.source_tree = in.at("source_tree").get<std::string>();
  in.at("scenarios").get_to(request.scenarios);
  in.at("kernels").get_to(request.kernels);
  request.matrix = in.value("matrix", false);
  request.expect = in.value("expect", "");
  in.at("append").get_to(request.append);
  take(in, "exec", exec);
  if (exec) request.exec = *exec;
  in.at("args").get_to(request.args);
  request.machine = machine_from(in);
  request.run = run_from(in);
  request.guests = in.value("guests", 1);
  request.first_guest = in.value("first_guest", 0);
  take(in, "repeat", request.repeat);
  in.at("until_hang").get_to(request.until_hang);
  request.until_fail = in.value("until_fail", false);
  take(in, "until_confident", request.until_confident);
  in.at("jobs").get_to(request.jobs);
  in.at("exclusive").get_to(request.exclusive);
  take(in, "seed", request.seed);
  in.at("boot").get_to(request.boot);
  in.at("connect").get_to(request.connect);
  return request;
}

std::vector<std::string> ids_in(const fs::path& folder) {
  std::vector<std::string> ids;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".json" && store::is_id(path.stem().string())) ids.push_back(path.stem());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::string> resolve(const std::vector<std::string>& ids, const std::string& word) {
  if (ids.empty()) return user_error("there is no experiment yet: `hangar run` makes one");
  if (word == "last") return ids.back();
  std::vector<std::string> fitting;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(fitting),
               [&](const std::string& id) { return id.starts_with(word); });
  if (fitting.empty() || word.empty()) {
    return user_error(fmt::format("there is no experiment `{}`; the last one is {}", word, ids.back()));
  }
  if (fitting.size() > 1) {
    return user_error(
        fmt::format("`{}` begins {} experiments, {} for one", word, fitting.size(), fitting[0]));
  }
  return fitting[0];
}

}  // namespace

std::map<std::string, std::string> ingredients(const Bundle& bundle) {
  return {{"scenario", bundle.scenario},
          {"scenario's text", sha256(bundle.scenario_yaml)},
          {"kernel's name", bundle.kernel},
          {"kernel", bundle.kernel_key},
          {"command line", lasting_cmdline(bundle)},
          {"initramfs", bundle.initrd_digest},
          {"disk", bundle.disk_digest},
          {"program", fmt::format("{}", fmt::join(bundle.argv, " "))}};
}

Result<void> check_unchanged(const std::vector<std::map<std::string, std::string>>& then,
                             const std::vector<std::map<std::string, std::string>>& now) {
  const std::string advice = ": the rest would not be comparable. Begin anew with `hangar run`";
  if (then.size() != now.size()) {
    return user_error(
        fmt::format("the experiment had {} cells, now there are {}{}", then.size(), now.size(), advice));
  }
  for (size_t i = 0; i < then.size(); ++i) {
    for (const auto& [name, value] : now[i]) {
      const auto before = then[i].find(name);
      if (before != then[i].end() && before->second == value) continue;
      return user_error(fmt::format("the {} of {} on {} has changed since the experiment began{}", name,
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
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<ExperimentFile> experiment_from_json(const std::string& text) {
  try {
    const json in = json::parse(text);
    if (in.at("schema") != schema) return user_error("it was written by another Hangar");
    ExperimentFile file;
    in.at("id").get_to(file.id);
    file.directory = in.at("directory").get<std::string>();
    file.request = request_from(in.at("request"));
    in.at("cells").get_to(file.cells);
    // Before there was one for each cell, the choice for the first one was the request's.
    file.accels = in.value("accels", std::vector<std::string>());
    return file;
  } catch (const json::exception& failure) {
    return user_error(std::string("this is no experiment: ") + failure.what());
  }
}

Result<void> save_experiment(const fs::path& state, const ExperimentFile& file) {
  TRY(make_directories(folder_of(state)));
  return write_file_durably(folder_of(state) / (file.id + ".json"), to_json(file));
}

Result<ExperimentFile> find_experiment(const fs::path& state, const std::string& word) {
  TRY_ASSIGN(const std::string id, resolve(ids_in(folder_of(state)), word));
  const fs::path path = folder_of(state) / (id + ".json");
  TRY_ASSIGN(const std::string text, read_file(path));
  auto file = experiment_from_json(text);
  if (!file) return std::move(file).error().within(path.string());
  return file;
}

Result<FileLock> lock_experiment(const fs::path& state, const std::string& id) {
  TRY_ASSIGN(auto lock, FileLock::try_acquire(folder_of(state) / (id + ".json")));
  if (!lock) return user_error(fmt::format("another hangar is executing the experiment {}", id));
  return std::move(*lock);
}

}  // namespace hangar::experiment
