// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/recorder.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/journal_folder.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::store {
namespace {

using nlohmann::json;

constexpr size_t longest_line = 64 << 10;
constexpr size_t longest_garbage = 1 << 10;

// What the agent sends is flat. Deep nesting is an attack on the stack of the program that prints it.
bool could_be_message(std::string_view line) {
  const auto opens = [](char c) { return c == '[' || c == '{'; };
  return line.size() <= longest_line && std::count_if(line.begin(), line.end(), opens) <= 64;
}

json agent_entry(double host_s, std::string_view line) {
  json message = could_be_message(line) ? parse_object(line) : json();
  if (!message.is_object())
    message = {{"t", "garbage"}, {"text", sanitize_for_terminal(line.substr(0, longest_garbage))}};
  message["host_s"] = host_s;  // last: it is ours, whatever the guest put there
  return message;
}

std::string event_line(const Event& event) {
  json out = {{"host_s", event.host_s}, {"event", event.name}, {"detail", event.detail}};
  if (!event.data.empty()) out["data"] = parse_object(event.data);
  return json_text(out);
}

// The objects of a file of JSON lines; others are passed over.
template <typename Take>
Result<void> each_object(const fs::path& file, Take&& take) {
  if (!fs::exists(file)) return {};
  TRY_ASSIGN(const std::string text, read_file(file));
  for (const std::string_view line : split(text, '\n')) {
    const json entry = parse_object(line);
    if (const auto host_s = field<double>(entry, "host_s")) take(*host_s, entry, line);
  }
  return {};
}

}  // namespace

Recorder::Recorder(Fd fd, fs::path file, std::uint64_t limit)
    : fd_(std::move(fd)), file_(std::move(file)), left_(limit) {}

Result<Recorder> Recorder::create(const fs::path& file, std::uint64_t limit) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot write " + file.string());
  return Recorder(std::move(fd), file, limit);
}

Result<void> Recorder::agent(double host_s, std::string_view line) {
  if (stopped_) return {};
  return put(json_text(agent_entry(host_s, line)), json_text(json{{"host_s", host_s}, {"t", "cut"}}));
}

Result<void> Recorder::pulse(double host_s, std::string_view line) {
  if (stopped_) return {};
  return put(fmt::format("{:.6f} {}", host_s, sanitize_for_terminal(line.substr(0, longest_garbage))),
             fmt::format("{:.6f} cut", host_s));
}

Result<void> Recorder::event(const Event& event) {
  if (stopped_) return {};
  return put(event_line(event), json_text(json{{"host_s", event.host_s}, {"event", "cut"}, {"detail", ""}}));
}

Result<void> Recorder::put(std::string line, const std::string& marker) {
  if (line.size() >= left_) {
    stopped_ = true;
    line = marker;
  } else {
    left_ -= line.size() + 1;
  }
  auto written = write_all(fd_.get(), line + "\n");
  if (written) return {};
  stopped_ = true;
  return std::move(written).error().within("writing " + file_.string());
}

Result<void> append_event(const fs::path& file, const Event& event) {
  return append_line(file, event_line(event));
}

Result<std::vector<TimedLine>> read_agent(const fs::path& file) {
  std::vector<TimedLine> all;
  TRY(each_object(file, [&](double host_s, const json&, std::string_view line) {
    all.push_back({host_s, std::string(line)});
  }));
  return all;
}

Result<std::vector<Event>> read_events(const fs::path& file) {
  std::vector<Event> all;
  TRY(each_object(file, [&](double host_s, const json& entry, std::string_view) {
    const auto data = entry.find("data");
    all.push_back({host_s, field<std::string>(entry, "event").value_or(""),
                   field<std::string>(entry, "detail").value_or(""),
                   data != entry.end() && data->is_object() ? json_text(*data) : ""});
  }));
  return all;
}

Result<std::vector<TimedLine>> read_pulse(const fs::path& file) {
  std::vector<TimedLine> all;
  if (!fs::exists(file)) return all;
  TRY_ASSIGN(const std::string text, read_file(file));
  // What follows the last newline is torn.
  const std::string_view whole = std::string_view(text).substr(0, text.rfind('\n') + 1);
  for (const std::string_view line : split(whole, '\n')) {
    TimedLine entry;
    const char* end = line.data() + line.size();
    const auto number = std::from_chars(line.data(), end, entry.host_s);
    if (number.ec != std::errc() || number.ptr == end || *number.ptr != ' ') continue;
    entry.text.assign(number.ptr + 1, end);
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace hangar::store
