// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/log/form/arrange.h"
#include "harness/log/form/form.h"
#include "harness/log/form/joiner.h"
#include "harness/log/form/peel.h"
#include "harness/log/form/report_words.h"
#include "harness/log/form/shape.h"
#include "harness/log/form/unwrap.h"
#include "harness/log/record/prefix.h"
#include "harness/log/record/record.h"
#include "harness/log/record/wall.h"

// Each step learns one thing from lines without what the steps before have learned.
namespace hangar::log {
namespace {

constexpr std::size_t most_lines = 4000;
constexpr std::size_t fewest = 6;  // lines that share words by chance

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view start) {
  Lines out;
  for (const auto line : split(start, '\n')) {
    if (out.size() == most_lines) break;
    auto clean = without_marks(line);
    if (!trim_left(clean).empty()) out.push_back(std::move(clean));
  }
  return out;
}

std::vector<Peeled> peeled(const Lines& lines, const Form& form) {
  std::vector<Peeled> out;
  Peeler peeler(form);
  out.reserve(lines.size());
  for (const auto& line : lines) out.push_back(peeler.peel(line));
  return out;
}

// At least `percent` of `all`.
bool most(std::size_t part, std::size_t all, std::size_t percent) {
  return part > 0 && part * 100 >= all * percent;
}

bool has_marks(std::string_view start) {
  const auto escapes = static_cast<std::size_t>(std::count(start.begin(), start.end(), '\x1b'));
  const auto lines = static_cast<std::size_t>(std::count(start.begin(), start.end(), '\n'));
  return contains(start, "\xc2\xa0") || (escapes >= fewest && most(escapes, lines, 10));
}

// `> `, `| `, `# `, or a margin of blanks: what at least nine of ten lines begin with.
std::string quote_of(const Lines& lines) {
  std::map<std::string, std::size_t> counts;
  for (const auto& line : lines) {
    const auto n = std::min({line.find_first_not_of(">|#*+- \t"), line.size(), std::size_t{32}});
    for (std::size_t size = 1; size <= n; ++size) ++counts[line.substr(0, size)];
  }
  std::string best;
  for (const auto& [text, count] : counts) {
    if (lines.size() >= 2 && most(count, lines.size(), 90) && text.size() > best.size()) best = text;
  }
  return best;
}

// The engine knows what syslog, journald and mail put in front of a stamp.
bool is_known(const std::string& line) {
  Record record;
  const auto rest = strip_prefixes(line, record);
  return find_stamp(rest) == 0;
}

std::string common_start(const Lines& texts) {
  std::string out = texts.empty() ? "" : texts.front();
  for (const auto& text : texts) {
    const auto end = std::mismatch(out.begin(), out.end(), text.begin(), text.end()).first;
    out.erase(end, out.end());
  }
  return out;
}

std::vector<Envelope> envelopes_of(const std::vector<Peeled>& lines) {
  std::map<std::string, Lines> shapes;
  std::size_t stamped = 0;
  std::size_t enveloped = 0;
  for (const auto& line : lines) {
    const auto at = find_stamp(line.text);
    stamped += line.stamped ? 1 : 0;
    if (at == std::string_view::npos || at == 0 || is_known(line.text)) continue;
    ++enveloped;
    const auto text = line.text.substr(0, at);
    shapes[shape_of(text)].push_back(text);
  }
  std::vector<Envelope> out;
  if (enveloped < 2 || !most(enveloped, stamped, 50)) return out;
  for (auto& [shape, texts] : shapes) {
    if (texts.size() < 2 || !most(texts.size(), enveloped, 5)) continue;
    const bool numbers = contains(shape, "n");
    const bool same = common_start(texts).size() == texts.front().size() && texts.front() == texts.back();
    if (numbers || same) out.push_back({shape, numbers ? "" : texts.front()});
  }
  return out;
}

// Words behind the wall clock of every line, such as a host and a unit. Never words that a report has.
std::string constant_of(const std::vector<Peeled>& lines) {
  Lines texts;
  for (const auto& line : lines) {
    Record record;
    const auto rest = strip_prefixes(line.text, record);
    if (find_stamp(rest) == 0) return {};
    if (record.clock == Clock::wall) texts.emplace_back(rest);
  }
  if (texts.size() < fewest) return {};
  std::string words = common_start(texts);
  words.erase(words.find_last_of(' ') == std::string::npos ? 0 : words.find_last_of(' ') + 1);
  if (may_be_of_report(words)) return {};
  return trim_left(words).empty() || contains(words, "]: ") ? std::string() : words;
}

// Lines behind the first stamp that could be the rest of the one before.
struct Pair {
  std::size_t width = 0;       // of the first
  std::size_t full_width = 0;  // with the blanks at its end
  const Peeled* next = nullptr;
};

std::vector<Pair> pairs_of(const std::vector<Peeled>& lines) {
  std::vector<Pair> pairs;
  bool stamp = false;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    stamp = stamp || lines[i].stamped;
    if (stamp && !lines[i + 1].stamped) pairs.push_back({lines[i].width, lines[i].full_width, &lines[i + 1]});
  }
  return pairs;
}

// The widths of the lines that a mailer could have split: they have a blank behind their stamp.
std::vector<std::size_t> widths_of(const std::vector<Peeled>& lines) {
  std::vector<std::size_t> widths;
  bool stamp = false;
  for (const auto& line : lines) {
    stamp = stamp || line.stamped;
    const auto word = line.text.find(' ', line.stamped ? line.text.find(']') + 2 : 0);
    if (stamp && word != std::string::npos) widths.push_back(line.full_width);
  }
  std::sort(widths.begin(), widths.end());
  return widths;
}

std::size_t joined_by(const std::vector<Pair>& pairs, const Form& form) {
  return static_cast<std::size_t>(std::count_if(
      pairs.begin(), pairs.end(), [&](const Pair& one) { return reaches(one.width, *one.next, form); }));
}

// The width that explains most of the lines without a stamp. A few lines are wider: pasted from elsewhere.
Form best_wrap(const std::vector<Pair>& pairs, const std::vector<std::size_t>& widths) {
  constexpr std::ptrdiff_t price = 3;  // of a wider line
  constexpr std::size_t narrowest = 40;
  constexpr std::size_t widest = 200;
  Form best;
  std::ptrdiff_t most_points = 0;
  for (auto at = widths.rbegin(); at != widths.rend(); ++at) {
    const auto wider = at - widths.rbegin();
    if (at != widths.rbegin() && *at == *(at - 1)) continue;
    if (*at > widest || *at < narrowest || wider * 10 > static_cast<std::ptrdiff_t>(widths.size())) continue;
    Form form;
    form.width = *at;
    const auto points = static_cast<std::ptrdiff_t>(joined_by(pairs, form)) - price * wider;
    if (points > most_points) best = form;
    most_points = std::max(most_points, points);
  }
  return best;
}

void learn_width(const std::vector<Peeled>& lines, Form& form) {
  constexpr std::size_t short_log = 60;
  const auto pairs = pairs_of(lines);
  if (pairs.empty()) return;
  Form wrapped = best_wrap(pairs, widths_of(lines));
  const auto full = static_cast<std::size_t>(std::count_if(
      pairs.begin(), pairs.end(), [&](const Pair& one) { return one.full_width == wrapped.width; }));
  // A single line shows no more than its width. Terminals have 80, 100 or 120 columns.
  constexpr std::size_t terminal = 20;
  const bool enough = full >= 2 || (full == 1 && wrapped.width % terminal == 0);
  wrapped.hard = enough && most(full, joined_by(pairs, wrapped), 60);
  const std::size_t fits = joined_by(pairs, wrapped);
  if (!most(fits, pairs.size(), 60) || (fits < 3 && lines.size() > short_log)) return;
  form.width = wrapped.width;
  form.hard = wrapped.hard;
}

std::vector<Piece> logical(std::vector<Peeled> lines, const Form& form) {
  std::vector<Piece> out;
  out.reserve(lines.size());
  Joiner joiner(
      form, [&](Piece&& one) { out.push_back(std::move(one)); }, [](std::uint64_t) {});
  for (auto& line : lines) joiner.push({std::move(line), 0, 0});
  joiner.finish();
  return out;
}

void learn_clock(const std::vector<Peeled>& lines, Form& form) {
  std::size_t human = 0;
  std::size_t wall = 0;
  std::size_t printk = 0;
  for (const auto& line : lines) {
    Scan scan(line.text);
    Wall date;
    std::int64_t delta_us = 0;
    if (take_human_delta(scan, delta_us) || take_human_date(scan, date)) {
      ++human;
      continue;
    }
    std::vector<Record> records;
    split_records(line.text, 1, 0, records);
    printk += records.front().clock == Clock::printk ? 1 : 0;
    wall += records.front().clock == Clock::wall ? 1 : 0;
  }
  form.human = human > 0 && human > printk + wall;
  form.wall = form.human || (wall > 0 && printk * 20 < wall);
  const auto broadcasts = static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [](const Peeled& line) { return is_broadcast(line.text); }));
  form.broadcasts = broadcasts > 0 && broadcasts * 4 < lines.size();
}

void learn_order(const std::vector<Piece>& lines, Form& form) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    equal +=
        lines[i].line.text == lines[i + 1].line.text && lines[i].line.wall_us == lines[i + 1].line.wall_us;
    form.parts = form.parts || part_of(lines[i].line.text).has_value();
  }
  form.doubled = lines.size() >= 4 && most(equal * 2, lines.size(), 80);
  form.newest_first = !form.parts && runs_backwards(lines);
}

}  // namespace

Form survey(std::string_view start) {
  Form form;
  Lines lines = lines_of(start);
  form.marks = has_marks(start);
  form.quote = quote_of(lines);
  auto now = peeled(lines, form);
  std::vector<std::string_view> texts;
  for (const auto& line : now) texts.push_back(trim_right(line.text));
  Message ignored;
  form.records =
      most(static_cast<std::size_t>(std::count_if(texts.begin(), texts.end(),
                                                  [&](auto text) { return unwrap_record(text, ignored); })),
           texts.size(), 50);
  form.json_key = message_key(texts);
  if (form.records || !form.json_key.empty()) now = peeled(lines, form);
  form.envelopes = envelopes_of(now);
  if (!form.envelopes.empty()) now = peeled(lines, form);
  learn_clock(now, form);
  if (form.wall && !form.human) form.constant = constant_of(now);
  if (form.human || !form.constant.empty()) now = peeled(lines, form);
  learn_width(now, form);
  learn_order(logical(std::move(now), form), form);
  return form;
}

}  // namespace hangar::log
