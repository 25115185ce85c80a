// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/files.h"
#include "harness/base/fs.h"
#include "harness/base/journal_folder.h"
#include "harness/base/result.h"
#include "harness/shrink/search.h"

// What a shrinking set out to do and what was seen since, on disk: STATE/shrinks/ID/{setup.json,log.jsonl}.
// The log alone restores the state, so that an interrupted shrinking continues.
namespace hangar::shrink {

struct Setup {
  std::string id;
  std::string run;                 // the stored run whose sequence is shrunk
  std::vector<int> steps;          // the scenario's numbers of its steps, in the order of the run
  std::vector<std::string> names;  // of the steps
  std::optional<double> rate;      // --rate
  std::optional<int> max_runs;
  std::uint64_t seed = 1;
  int jobs = 1;          // runs at once
  std::string question;  // what counts as a hit (cli/bisect_question.h)
};

// A run of a candidate.
struct Event {
  Phase phase = Phase::search;
  Kept kept;  // positions in Setup::steps, from 0
  Seen seen = Seen::infra;
  double seconds = 0;     // that it took
  std::string text = {};  // the id of the run, and why
};

class Journal {
 public:
  [[nodiscard]] static Result<Journal> create(const fs::path& state, Setup setup);
  // `word` is an id, a beginning of exactly one, or `last`.
  [[nodiscard]] static Result<Journal> open(const fs::path& state, const std::string& word);

  [[nodiscard]] const Setup& setup() const { return setup_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] Result<void> add(const Event& event);
  // Held by the process that runs it.
  [[nodiscard]] Result<FileLock> lock() const;

 private:
  JournalFolder folder_;
  Setup setup_;
  std::vector<Event> events_;
};

[[nodiscard]] std::string to_json(const Event& event);
[[nodiscard]] Result<Event> event_from_json(const std::string& line);
[[nodiscard]] std::string to_json(const Setup& setup);
[[nodiscard]] Result<Setup> setup_from_json(const std::string& text);

}  // namespace hangar::shrink
