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
#include "harness/base/word.h"
#include "harness/bisect/search.h"

// What a bisection set out to do and what was seen since, on disk: STATE/bisects/ID/{setup.json,log.jsonl}.
// The log alone restores the state, so that an interrupted bisection continues.
namespace hangar::bisect {

struct Revision {
  std::string id;           // a commit, a patch, a kernel, a fragment or a parameter
  std::string subject;      // of the commit or the patch; may be empty
  std::string kernel;       // as `hangar run` takes it; "" with a command
  std::string append;       // of the kernel's command line
  bool lacks_code = false;  // it does not have what is tested, so that a miss shows nothing
};

struct Setup {
  std::string id;
  std::vector<Revision> revisions;        // the good end first, the bad end last
  std::vector<std::vector<int>> parents;  // empty: each follows the one before
  double confidence = 0.95;
  std::optional<int> max_runs;
  std::uint64_t seed = 1;
  bool fixed = false;    // the first revision hits, and what is sought is the first that no longer does
  bool confirm = true;   // the answer
  int jobs = 1;          // runs at once
  fs::path repository;   // absolute; empty: revisions are not commits
  std::string command;   // in a shell; "": guests
  std::string scenario;  // with guests
  std::string image;     // that replaces the scenario's, as for --image; "": none does
  std::string question;  // what counts as a hit (cli/bisect_question.h)
  // The id of a revision that a bisection of another scenario found. It is as likely as all others together.
  // "": none
  std::string likely;
};

// The revision that a candidate of the search is about. Of a search for a fix, it follows the last one that
// hits: the one before it in `revisions`. Else it is the candidate itself.
[[nodiscard]] int sought(const Setup& setup, int candidate);

// What a run of a revision showed. other: something that is not asked about, such as another crash. infra:
// the host failed. Both are neither a hit nor a miss. skip: the revision cannot be tested.
enum class Seen : std::uint8_t { hit, miss, other, infra, skip };

// revert: a run of the bad end with the culprit reverted; `revision` is the culprit.
enum class Kind : std::uint8_t { build, run, confirm, revert, mark, undo };

struct Event {
  Kind kind = Kind::run;
  int revision = 0;
  std::optional<Seen> seen = {};      // of a run
  std::optional<Evidence> mark = {};  // good, bad or skip
  double seconds = 0;                 // that it took
  std::string signature = {};         // of a built kernel
  std::string text = {};              // the id of the run, or why
};

class Journal {
 public:
  [[nodiscard]] static Result<Journal> create(const fs::path& state, Setup setup);
  // `word` is an id, a beginning of exactly one, or `last`.
  [[nodiscard]] static Result<Journal> open(const fs::path& state, const std::string& word);

  [[nodiscard]] const Setup& setup() const { return setup_; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] Result<void> add(const Event& event);
  // Held while a process runs it: an error if another one does.
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

}  // namespace hangar::bisect

template <>
inline constexpr auto hangar::words_of<hangar::bisect::Seen> =
    std::to_array<std::string_view>({"hit", "miss", "other", "infra", "skip"});
template <>
inline constexpr auto hangar::words_of<hangar::bisect::Kind> =
    std::to_array<std::string_view>({"build", "run", "confirm", "revert", "mark", "undo"});
