// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/store/index.h"
#include "harness/store/index_schema.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* about =
    "Manages the index of the stored runs, STATE/hangar.db.\n"
    "rebuild: read all run folders, and write the index again. Runs are not changed.";
constexpr const char* example =
    "  hangar db rebuild\n"
    "  hangar db rebuild --json";

ordered_json to_json(const fs::path& file, std::size_t runs, const store::Index& index) {
  ordered_json unreadable = ordered_json::array();
  for (const store::UnreadableRun& run : index.unreadable())
    unreadable.push_back({{"id", run.id}, {"directory", run.directory.string()}, {"problem", run.why}});
  return {{"schema", "hangar.db/1"},
          {"database", file.string()},
          {"version", store::index_version},
          {"runs", runs},
          {"unreadable", unreadable}};
}

Result<int> rebuild(const Common& common) {
  TRY_ASSIGN(const Home home, common.home());
  if (!fs::is_directory(home.state / "runs")) {
    return user_error(fmt::format("no runs are stored in {}; --home and HANGAR_HOME name another folder",
                                  home.state.string()));
  }
  TRY_ASSIGN(const auto index, store::Index::rebuild(home.state));
  TRY_ASSIGN(const std::size_t runs, index.size());
  const fs::path file = home.state / store::Index::file_name;
  Terminal terminal(common.quiet, common.no_color);
  for (const std::string& note : index.notes()) terminal.say(note);
  if (common.json) {
    print_out("{}\n", json_text(to_json(file, runs, index), 1));
    return 0;
  }
  for (const store::UnreadableRun& run : index.unreadable())
    print_out("unreadable: {}\n", sanitize_for_terminal(run.why));
  print_out("{}: {} run{}, {} unreadable\n", file.string(), runs, runs == 1 ? "" : "s",
            index.unreadable().size());
  return 0;
}

}  // namespace

Result<int> db_command(const Args& args) {
  Options options("db", about, example);
  std::string what;
  options.value("what", what, "what to do", "rebuild");
  options.required("what");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  const std::vector<std::string> known = {"rebuild"};
  if (std::find(known.begin(), known.end(), what) == known.end()) {
    return user_error(fmt::format("unknown db action `{}`{}; expected {}", what, did_you_mean(what, known),
                                  join(known, ", ")));
  }
  return rebuild(options.common());
}

}  // namespace hangar::cli
