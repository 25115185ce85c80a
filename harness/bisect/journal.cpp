// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/journal.h"

#include "harness/base/json.h"

namespace hangar::bisect {
namespace {

constexpr JournalFolder::Words words = {"bisection", "bisections",
                                        "begin with `hangar bisect --good A --bad B`"};

// A line that the end of a process has torn is left out.
std::vector<Event> events_in(const std::vector<std::string>& log) {
  std::vector<Event> events;
  for (const std::string& line : log) {
    if (auto event = event_from_json(line)) events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace

HANGAR_JSON_FIELDS_IF(Revision, id, subject, kernel, append, lacks_code)
HANGAR_JSON_FIELDS_IF(Setup, id, revisions, parents, confidence, max_runs, seed, fixed, confirm, jobs,
                      repository, command, scenario, image, question, likely)
HANGAR_JSON_FIELDS_IF(Event, kind, revision, seen, mark, seconds, signature, text)

int sought(const Setup& setup, int candidate) {
  return setup.fixed && candidate > 0 ? candidate - 1 : candidate;
}

std::string to_json(const Event& event) {
  nlohmann::json out;
  to_json(out, event);
  return json_text(out);
}

Result<Event> event_from_json(const std::string& line) {
  TRY_ASSIGN(const nlohmann::json in, parse_json(line));
  return decode_as<Event>(in, "an event of a bisection");
}

std::string to_json(const Setup& setup) {
  nlohmann::json out;
  to_json(out, setup);
  out["schema"] = "hangar.bisect-setup/1";
  return json_text(out, 1) + "\n";
}

Result<Setup> setup_from_json(const std::string& text) {
  TRY_ASSIGN(nlohmann::json in, parse_json(text));
  TRY_ASSIGN(Setup setup, decode_as<Setup>(in, "a setup of a bisection"));
  if (setup.revisions.size() < 2) return user_error("it has less than two revisions");
  return setup;
}

Result<Journal> Journal::create(const fs::path& state, Setup setup) {
  Journal journal;
  TRY_ASSIGN(journal.folder_, JournalFolder::create(state / "bisects" / setup.id, to_json(setup)));
  journal.setup_ = std::move(setup);
  return journal;
}

Result<Journal> Journal::open(const fs::path& state, const std::string& word) {
  Journal journal;
  TRY_ASSIGN(journal.folder_, JournalFolder::open(state / "bisects", word, words));
  TRY_ASSIGN(const std::string text, journal.folder_.setup());
  auto setup = setup_from_json(text);
  if (!setup) return std::move(setup).error().within(journal.folder_.setup_file().string());
  journal.setup_ = std::move(*setup);
  TRY_ASSIGN(const auto log, journal.folder_.log());
  journal.events_ = events_in(log);
  return journal;
}

Result<void> Journal::add(const Event& event) {
  TRY(folder_.add(to_json(event)));
  events_.push_back(event);
  return {};
}

Result<FileLock> Journal::lock() const {
  return folder_.lock(words);
}

}  // namespace hangar::bisect
