// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/journal_folder.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/fd.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

constexpr const char* setup_name = "setup.json";
constexpr const char* log_name = "log.jsonl";

}  // namespace

Result<void> append_line(const fs::path& file, std::string_view line) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot write " + file.string());
  return write_all(fd.get(), fmt::format("\n{}\n", line));
}

Result<JournalFolder> JournalFolder::create(const fs::path& folder, const std::string& setup) {
  JournalFolder made;
  made.path_ = folder;
  TRY(fs::create_directories(folder));
  TRY(write_file_durably(made.setup_file(), setup));
  return made;
}

Result<JournalFolder> JournalFolder::open(const fs::path& all, const std::string& word, const Words& words) {
  std::vector<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(all));
  for (const auto& entry : entries) {
    if (fs::exists(entry.path() / setup_name)) ids.push_back(entry.path().filename().string());
  }
  std::sort(ids.begin(), ids.end());
  if (ids.empty()) return user_error(fmt::format("no {} is stored: {}", words.one, words.begin));
  if (word == "last") ids.erase(ids.begin(), ids.end() - 1);
  if (word != "last") std::erase_if(ids, [&](const std::string& id) { return !id.starts_with(word); });
  if (ids.size() != 1) {
    return user_error(fmt::format("{} stored {} begin with `{}`", ids.empty() ? "no" : "several", words.many,
                                  sanitize_for_terminal(word)));
  }
  JournalFolder found;
  found.path_ = all / ids.front();
  return found;
}

fs::path JournalFolder::setup_file() const {
  return path_ / setup_name;
}

Result<std::string> JournalFolder::setup() const {
  return read_file(setup_file());
}

Result<std::vector<std::string>> JournalFolder::log() const {
  std::vector<std::string> lines;
  if (!fs::exists(path_ / log_name)) return lines;
  TRY_ASSIGN(const std::string text, read_file(path_ / log_name));
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

Result<void> JournalFolder::add(std::string_view line) const {
  return append_line(path_ / log_name, line);
}

Result<FileLock> JournalFolder::lock(const Words& words) const {
  TRY_ASSIGN(auto lock, FileLock::try_acquire(path_ / "lock"));
  if (lock) return std::move(*lock);
  return user_error(fmt::format("another process runs the {} {}", words.one, path_.filename().string()));
}

}  // namespace hangar
