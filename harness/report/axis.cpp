// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/axis.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "harness/base/escape.h"

namespace hangar::report {
namespace {

constexpr std::size_t least_width = 40;

// Maps seconds to columns.
class Scale {
 public:
  Scale(double end_s, std::size_t columns)
      : each_s_(std::max(end_s, 1e-3) / static_cast<double>(columns)), columns_(columns) {}

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] double begin_s(std::size_t column) const { return each_s_ * static_cast<double>(column); }
  [[nodiscard]] double each_s() const { return each_s_; }
  [[nodiscard]] std::size_t column(double seconds) const {
    const double at = std::max(0.0, seconds) / each_s_;
    return std::min(columns_ - 1, static_cast<std::size_t>(at));
  }
  // How much of the column's time the spans cover, 0 to 1; they do not overlap.
  [[nodiscard]] double covered(const std::vector<Span>& spans, std::size_t column) const {
    const double from_s = begin_s(column);
    double sum_s = 0;
    for (const Span& span : spans)
      sum_s += std::max(0.0, std::min(span.to_s, from_s + each_s_) - std::max(span.from_s, from_s));
    return sum_s / each_s_;
  }

 private:
  double each_s_;
  std::size_t columns_;
};

// 1, 2, 5, 10, 20, 50 ...: the least one that leaves room for its number.
double tick_of(const Scale& scale) {
  constexpr double least_columns = 8;
  for (double power = 0.1;; power *= 10) {
    for (const double step : {1.0, 2.0, 5.0})
      if (step * power / scale.each_s() >= least_columns) return step * power;
  }
}

void write_at(std::string& line, std::size_t column, const std::string& text) {
  if (column + text.size() > line.size()) return;
  line.replace(column, text.size(), text);
}

void add_scale(const Scale& scale, std::vector<AxisRow>& rows) {
  std::string numbers(scale.columns(), ' ');
  std::string ticks(scale.columns(), '-');
  const double tick = tick_of(scale);
  for (int i = 0;; ++i) {
    const double at = tick * i;
    if (at >= scale.begin_s(scale.columns())) break;
    write_at(numbers, scale.column(at), tick < 1 ? fmt::format("{:.1f}", at) : fmt::format("{:.0f}", at));
    ticks[scale.column(at)] = '|';
  }
  rows.push_back({"seconds", numbers});
  rows.push_back({"", ticks});
}

// From when on a signal is expected: the first step with this text.
double step_s(const Tracks& tracks, const char* text, double otherwise) {
  for (const Mark& step : tracks.steps)
    if (step.text.starts_with(text)) return step.time_s;
  return otherwise;
}

AxisRow signal_row(const std::string& name, const std::vector<Span>& gaps, double from_s, double to_s,
                   const Scale& scale) {
  AxisRow row{name, std::string(scale.columns(), ' ')};
  if (from_s > to_s) return row;
  for (std::size_t i = scale.column(from_s); i <= scale.column(to_s); ++i)
    row.text[i] = scale.covered(gaps, i) > 0.5 ? silent : moves;
  return row;
}

AxisRow span_row(const std::string& name, const std::vector<Span>& spans, char sign, const Scale& scale) {
  AxisRow row{name, std::string(scale.columns(), ' ')};
  for (const Span& span : spans) {
    for (std::size_t i = scale.column(span.from_s); i <= scale.column(span.to_s); ++i) row.text[i] = sign;
  }
  return row;
}

AxisRow mark_row(const std::string& name, const std::vector<Mark>& marks,
                 const std::function<char(const Mark&)>& sign_of, const Scale& scale) {
  AxisRow row{name, std::string(scale.columns(), ' ')};
  for (const Mark& mark : marks) {
    char& at = row.text[scale.column(mark.time_s)];
    const char sign = sign_of(mark);
    at = at == ' ' || at == sign ? sign : several;
  }
  return row;
}

// Tenths of the time that the worst vCPU waited for a CPU; blank below one tenth.
AxisRow load_row(const Tracks& tracks, const Scale& scale) {
  std::vector<double> most(scale.columns(), 0);
  double from_s = 0;
  for (const auto& [time_s, share] : tracks.load) {
    for (std::size_t i = scale.column(from_s); i <= scale.column(time_s); ++i)
      most[i] = std::max(most[i], share);
    from_s = time_s;
  }
  AxisRow row{"CPU wait", std::string(scale.columns(), ' ')};
  for (std::size_t i = 0; i < most.size(); ++i) {
    const int tenths = std::min(9, static_cast<int>(most[i] * 10));
    if (tenths > 0) row.text[i] = static_cast<char>('0' + tenths);
  }
  return row;
}

void add_signals(const Tracks& tracks, const Scale& scale, std::vector<AxisRow>& rows) {
  const double up_s = step_s(tracks, "guest is up", tracks.end_s + 1);
  const double started_s = step_s(tracks, "program starts", tracks.end_s + 1);
  const double ended_s = step_s(tracks, "program ends", step_s(tracks, "sequence ends", tracks.end_s));
  rows.push_back(signal_row("pulse", tracks.pulse_gaps, up_s, tracks.end_s, scale));
  rows.push_back(signal_row("probe", tracks.probe_gaps, up_s, tracks.end_s, scale));
  rows.push_back(signal_row("progress", tracks.progress_gaps, started_s, ended_s, scale));
}

std::string joined_keys(const std::string& before, const std::string& key) {
  return before + " " + key.substr(key.rfind(' ') + 1);
}

void add_keys(const Tracks& tracks, std::vector<AxisEvent>& events) {
  constexpr double together_s = 2;
  double last_s = -1e9;
  for (const Mark& key : tracks.keys) {
    const bool joins = key.time_s - last_s <= together_s;
    if (joins) events.back().text = joined_keys(events.back().text, key.text);
    if (!joins) events.push_back({key.time_s, "SysRq", key.text.substr(key.text.rfind(' ') + 1)});
    last_s = key.time_s;
  }
}

}  // namespace

std::vector<AxisRow> draw_axis(const Tracks& tracks, std::size_t width) {
  const Scale scale(tracks.end_s, std::max(width, least_width) - axis_name_width - 1);
  std::vector<AxisRow> rows;
  add_scale(scale, rows);
  rows.push_back(span_row("hang", tracks.hangs, hanging, scale));
  add_signals(tracks, scale, rows);
  const auto always = [](char sign) { return [sign](const Mark&) { return sign; }; };
  rows.push_back(mark_row("OOM kill", tracks.kills, always('K'), scale));
  rows.push_back(mark_row(
      "SysRq", tracks.keys, [](const Mark& key) { return key.text.back(); }, scale));
  rows.push_back(mark_row("crash", tracks.crashes, always('C'), scale));
  rows.push_back(mark_row("report", tracks.reports, always('R'), scale));
  rows.push_back(span_row("host", tracks.host, '!', scale));
  rows.push_back(load_row(tracks, scale));
  const auto blank = [](const AxisRow& row) { return row.text.find_first_not_of(' ') == std::string::npos; };
  std::erase_if(rows, blank);
  return rows;
}

std::vector<AxisEvent> list_events(const Tracks& tracks) {
  std::vector<AxisEvent> events;
  add_keys(tracks, events);
  const auto add_marks = [&](const std::vector<Mark>& marks, const char* kind) {
    for (const Mark& mark : marks) events.push_back({mark.time_s, kind, mark.text, mark.line});
  };
  add_marks(tracks.steps, "run");
  add_marks(tracks.kills, "kill");
  add_marks(tracks.crashes, "crash");
  add_marks(tracks.reports, "report");
  for (const Span& hang : tracks.hangs) events.push_back({hang.from_s, "hang", hang.text});
  for (const Span& host : tracks.host)
    events.push_back({host.from_s, "host", fmt::format("{}, until {:.1f} s", host.text, host.to_s)});
  for (AxisEvent& event : events) event.text = sanitize_for_terminal(event.text);
  std::stable_sort(events.begin(), events.end(),
                   [](const AxisEvent& a, const AxisEvent& b) { return a.time_s < b.time_s; });
  return events;
}

}  // namespace hangar::report
