// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/cluster/share.h"

namespace hangar::cluster {

using nlohmann::json;
using nlohmann::ordered_json;

HANGAR_JSON_FIELDS(CellObjects, kernel, initrd, disk, kernel_diff)

namespace {

constexpr const char* setup_schema = "hangar.cluster-setup/1";
constexpr const char* cell_schema = "hangar.cluster-cell/1";
constexpr const char* task_schema = "hangar.cluster-task/1";
constexpr const char* completion_schema = "hangar.completion/1";
constexpr const char* error_schema = "hangar.node-error/1";

Result<json> parse_as(const std::string& text, const char* schema) {
  TRY_ASSIGN(json in, parse_json(text));
  const auto written = field<std::string>(in, "schema").value_or("");
  if (written != schema)
    return user_error(fmt::format("unsupported schema version `{}` (known: {})", written, schema));
  return in;
}

std::string text_of(const ordered_json& out) {
  return json_text(out, 1) + "\n";
}

}  // namespace

// Not in the unnamed namespace, where decode() would not find them.
static void read_fields(JsonReader& in, Setup& setup) {
  in.take("experiment", setup.experiment).take("version", setup.version);
  in.take("program_digest", setup.program_digest).take("worker", setup.worker);
  in.take("node_folder", setup.node_folder).take("node_bytes", setup.node_bytes);
  in.take("most_starts", setup.most_starts).take("patience_ms", setup.patience);
}

static void read_fields(JsonReader& in, SharedRun& run) {
  in.take("cell", run.key.cell).take("repeat", run.key.repeat).take("seed", run.seed);
  in.take("start_delay_ms", run.start_delay).take("guest_number", run.guest_number);
  in.take("restore", run.restore).take("steps", run.steps);
}

static void read_fields(JsonReader& in, Completion& completion) {
  in.take("cell", completion.run.cell).take("repeat", completion.run.repeat);
  in.take_if("id", completion.id).take_if("lost", completion.lost).take("node", completion.node);
  in.take("cpu", completion.cpu).take("array", completion.array).take("index", completion.index);
  in.take("restarts", completion.restarts).take("clock_ahead_s", completion.clock_ahead_s);
}

static void read_fields(JsonReader& in, NodeError& error) {
  in.take("node", error.node).take("node_is_unfit", error.node_is_unfit).take("message", error.message);
}

std::string to_json(const Setup& setup) {
  return text_of({{"schema", setup_schema},
                  {"experiment", setup.experiment},
                  {"version", setup.version},
                  {"program_digest", setup.program_digest},
                  {"worker", setup.worker.string()},
                  {"node_folder", setup.node_folder.string()},
                  {"node_bytes", setup.node_bytes},
                  {"most_starts", setup.most_starts},
                  {"patience_ms", setup.patience}});
}

Result<Setup> setup_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_as(text, setup_schema));
  return decode_as<Setup>(in, "the setup of an experiment");
}

std::string to_json(const SharedCell& cell) {
  const auto bundle = parse_json(run::to_json(cell.bundle));
  return text_of({{"schema", cell_schema},
                  {"bundle", bundle ? *bundle : json()},
                  {"objects", json(cell.objects)},
                  {"scenario_file", cell.scenario_file.string()},
                  {"machine", cell.machine}});
}

Result<SharedCell> cell_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_as(text, cell_schema));
  SharedCell cell;
  json bundle;
  JsonReader reader(in);
  reader.take("bundle", bundle).take("objects", cell.objects);
  reader.take("scenario_file", cell.scenario_file).take("machine", cell.machine);
  TRY(reader.done("a cell"));
  TRY_ASSIGN(cell.bundle, run::bundle_from_json(json_text(bundle)));
  return cell;
}

std::string to_json(const std::vector<SharedRun>& runs) {
  ordered_json list = ordered_json::array();
  for (const SharedRun& run : runs) {
    list.push_back({{"cell", run.key.cell},
                    {"repeat", run.key.repeat},
                    {"seed", run.seed},
                    {"start_delay_ms", run.start_delay},
                    {"guest_number", run.guest_number},
                    {"restore", run.restore},
                    {"steps", run.steps}});
  }
  return text_of({{"schema", task_schema}, {"runs", list}});
}

Result<std::vector<SharedRun>> runs_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_as(text, task_schema));
  std::vector<SharedRun> runs;
  TRY(JsonReader(in).take("runs", runs).done("a task"));
  return runs;
}

std::string to_json(const Completion& completion) {
  return text_of({{"schema", completion_schema},
                  {"cell", completion.run.cell},
                  {"repeat", completion.run.repeat},
                  {"id", or_null(completion.id)},
                  {"lost", or_null(completion.lost)},
                  {"node", completion.node},
                  {"cpu", completion.cpu},
                  {"array", completion.array},
                  {"index", completion.index},
                  {"restarts", completion.restarts},
                  {"clock_ahead_s", completion.clock_ahead_s}});
}

Result<Completion> completion_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_as(text, completion_schema));
  return decode_as<Completion>(in, "a completion");
}

std::string to_json(const NodeError& error) {
  return text_of({{"schema", error_schema},
                  {"node", error.node},
                  {"node_is_unfit", error.node_is_unfit},
                  {"message", error.message}});
}

Result<NodeError> node_error_from_json(const std::string& text) {
  TRY_ASSIGN(const json in, parse_as(text, error_schema));
  return decode_as<NodeError>(in, "an error of a node");
}

}  // namespace hangar::cluster
