// SPDX-License-Identifier: GPL-2.0-only
#include "harness/shrink/journal.h"

#include "harness/base/json.h"

namespace hangar::shrink {
namespace {

constexpr JournalFolder::Words words = {"search", "searches", "begin one with `hangar shrink RUN`"};

// A line that the end of a process has torn is left out.
std::vector<Event> events_in(const std::vector<std::string>& log) {
  std::vector<Event> events;
  for (const std::string& line : log) {
    if (auto event = event_from_json(line)) events.push_back(std::move(*event));
  }
  return events;
}

Result<void> check(const Setup& setup) {
  if (setup.steps.size() < 2) return user_error("it has less than two steps");
  if (setup.steps.size() != setup.names.size()) return user_error("it has not a name for each step");
  return {};
}

}  // namespace

HANGAR_JSON_FIELDS_IF(Setup, id, run, steps, names, rate, max_runs, seed, jobs, question)
HANGAR_JSON_FIELDS(Event, phase, kept, seen, seconds, text)

std::string to_json(const Event& event) {
  nlohmann::json out;
  to_json(out, event);
  return json_text(out);
}

Result<Event> event_from_json(const std::string& line) {
  TRY_ASSIGN(const nlohmann::json in, parse_json(line));
  return decode_as<Event>(in, "a run of a search");
}

std::string to_json(const Setup& setup) {
  nlohmann::json out;
  to_json(out, setup);
  out["schema"] = "hangar.shrink-setup/1";
  return json_text(out, 1) + "\n";
}

Result<Setup> setup_from_json(const std::string& text) {
  TRY_ASSIGN(const nlohmann::json in, parse_json(text));
  TRY_ASSIGN(Setup setup, decode_as<Setup>(in, "a setup of a search"));
  TRY(check(setup));
  return setup;
}

Result<Journal> Journal::create(const fs::path& state, Setup setup) {
  Journal journal;
  TRY_ASSIGN(journal.folder_, JournalFolder::create(state / "shrinks" / setup.id, to_json(setup)));
  journal.setup_ = std::move(setup);
  return journal;
}

Result<Journal> Journal::open(const fs::path& state, const std::string& word) {
  Journal journal;
  TRY_ASSIGN(journal.folder_, JournalFolder::open(state / "shrinks", word, words));
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

}  // namespace hangar::shrink
