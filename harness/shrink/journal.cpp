// SPDX-License-Identifier: GPL-2.0-only
#include "harness/shrink/journal.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/fd.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::shrink {
namespace {

constexpr const char* setup_file = "setup.json";
constexpr const char* log_file = "log.jsonl";

Result<fs::path> find_folder(const fs::path& shrinks, const std::string& word) {
  std::vector<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(shrinks));
  for (const auto& entry : entries) {
    if (fs::exists(entry.path() / setup_file)) ids.push_back(entry.path().filename().string());
  }
  std::sort(ids.begin(), ids.end());
  if (ids.empty()) return user_error("no search is stored: begin one with `hangar shrink RUN`");
  if (word == "last") return shrinks / ids.back();
  std::erase_if(ids, [&](const std::string& id) { return !id.starts_with(word); });
  if (ids.size() == 1) return shrinks / ids.front();
  return user_error(fmt::format("{} stored searches begin with `{}`", ids.empty() ? "no" : "several",
                                sanitize_for_terminal(word)));
}

// A line that the end of a process has torn is left out.
std::vector<Event> events_in(const std::string& text) {
  std::vector<Event> events;
  for (const std::string_view line : split(text, '\n')) {
    if (auto event = event_from_json(std::string(line))) events.push_back(std::move(*event));
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
  journal.folder_ = state / "shrinks" / setup.id;
  TRY(fs::create_directories(journal.folder_));
  TRY(write_file_durably(journal.folder_ / setup_file, to_json(setup)));
  journal.setup_ = std::move(setup);
  return journal;
}

Result<Journal> Journal::open(const fs::path& state, const std::string& word) {
  Journal journal;
  TRY_ASSIGN(journal.folder_, find_folder(state / "shrinks", word));
  TRY_ASSIGN(const std::string text, read_file(journal.folder_ / setup_file));
  auto setup = setup_from_json(text);
  if (!setup) return std::move(setup).error().within((journal.folder_ / setup_file).string());
  journal.setup_ = std::move(*setup);
  if (fs::exists(journal.folder_ / log_file)) {
    TRY_ASSIGN(const std::string log, read_file(journal.folder_ / log_file));
    journal.events_ = events_in(log);
  }
  return journal;
}

Result<void> Journal::add(const Event& event) {
  const fs::path file = folder_ / log_file;
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot write " + file.string());
  // Behind a line that was torn, an empty one does no harm.
  TRY(write_all(fd.get(), "\n" + to_json(event) + "\n"));
  events_.push_back(event);
  return {};
}

Result<FileLock> Journal::lock() const {
  TRY_ASSIGN(auto lock, FileLock::try_acquire(folder_ / "lock"));
  if (!lock) return user_error(fmt::format("another process runs the search {}", setup_.id));
  return std::move(*lock);
}

}  // namespace hangar::shrink
