// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/outcome.h"

// One run in one line, without its logs: what is committed beside a scenario as data, since the state folder
// is not kept forever (hangar.row/1, JSON lines). Seconds count from the reproducer's start, so that booted
// and restored runs compare; from the run's own start where it never came to that.
namespace hangar::compare {

struct HangRow {
  HangKind kind = HangKind::hard;
  std::optional<StallCause> cause;
  double start_s = 0;
  double duration_s = 0;  // a lower bound when censored
  bool censored = false;
  std::optional<HangEnd> ended_by;
  // Our first step within the hang that changes the guest, at which it is censored: "sysrq-f".
  std::optional<std::string> censored_by;
  std::optional<double> over_s;  // when it was over, whatever ended it; none: it was not
};

struct KillRow {
  double time_s = 0;
  std::string who;                    // the role, or the comm of a process without one
  bool sysrq = false;                 // asked for by SysRq-f
  std::optional<double> free_s = {};  // when its memory was free; none: not seen
};

struct PaceRow : verdict::Pace {};

struct Row {
  std::string id;
  std::string scenario;
  std::string setting;  // of a study, as it names it; "" for a run outside of studies
  std::string kernel;   // the spec's name
  std::string kernel_release;
  std::string kernel_digest;
  std::string machine;
  std::string cmdline;
  std::vector<std::string> argv;  // of the reproducer
  bool restored = false;
  bool suspect = false;  // it hung while the host had other load (an old row: any load, even our own guests)
  std::optional<bool> shared;       // other guests of Hangar ran meanwhile; none: unknown
  std::optional<std::string> qemu;  // its version; none: unknown
  std::optional<std::string> node;  // of a cluster or --connect; none: the host of the store
  std::optional<std::string> cpu;   // the model of the host's CPU; none: unknown
  std::optional<std::string> boot;  // identifies the boot that the run comes from; none: unknown
  std::string end;                  // as in outcome.json
  std::string verdict;              // by the expectations of then
  double watched_s = 0;
  std::optional<int> exit_code;  // of the reproducer, when it ended by itself
  std::vector<HangRow> hangs;
  std::vector<KillRow> kills;
  std::vector<std::string> crashes;   // titles
  std::vector<std::string> findings;  // ids
  // How the guest got on while the reproducer ran; none: it did not start, or an older Hangar's row.
  std::optional<PaceRow> pace;
  // Whether censored_by and over_s are what was recorded. Rows of an older Hangar do not have them.
  bool interventions_recorded = true;
};

// A run directory with its row; a run without outcome.json is a user error.
struct StoredRun {
  store::RunInfo info;
  verdict::Outcome outcome;
  Row row;
};
[[nodiscard]] Result<StoredRun> read_stored_run(const fs::path& directory);
// The row alone.
[[nodiscard]] Result<Row> read_run(const fs::path& directory);

[[nodiscard]] std::string to_json(const Row& row);  // without the newline
[[nodiscard]] Result<Row> row_from_json(const std::string& line);

// Censors the hangs of a row whose interventions were not recorded, from its own facts: at the first kill by
// SysRq-f within a hang. That is later than the key by the kill's latency, which such a row does not tell. A
// hang that SysRq-f ended without such a kill keeps its duration, as a lower bound.
void censor_old_row(Row& row);

// A file of rows, old ones censored; one that does not exist has none. A line that does not parse is an error
// that names it.
[[nodiscard]] Result<std::vector<Row>> load_rows(const fs::path& file);
// Adds `rows` to the file: one row an id (the new one counts), in the order of ids. Rows that were there stay
// as they are. Returns how many are new.
// Several processes may add to one file at once.
[[nodiscard]] Result<int> merge_rows(const fs::path& file, const std::vector<Row>& rows);

// Did it hang at all? The longest hang, or null.
[[nodiscard]] const HangRow* longest_hang(const Row& row);
// The last value of a parameter on the kernel's command line; none: the parameter is missing.
[[nodiscard]] std::optional<std::string> parameter(const Row& row, const std::string& name);

}  // namespace hangar::compare
