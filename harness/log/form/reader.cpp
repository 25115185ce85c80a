// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/reader.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "harness/log/form/renumber.h"
#include "harness/log/input/blocks.h"
#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"
#include "harness/log/record/wall_memo.h"

namespace hangar::log {
namespace {

constexpr std::size_t near_lines = 512;  // a broadcast comes soon
constexpr std::size_t max_kept_bytes = std::size_t{64} << 20;

// More than one of twenty bytes is a control character that is neither a blank nor a terminal's.
bool is_binary(std::string_view bytes) {
  const auto control = std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return c == '\x7f' ||
           (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\x1b');
  });
  return control * 20 > static_cast<std::ptrdiff_t>(bytes.size());
}

// A printk stamp may be behind the first byte.
bool may_have_stamp(std::string_view text) {
  for (auto at = text.find('[', 1); at != std::string_view::npos; at = text.find('[', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == ' ' || is_digit(text[at + 1]))) return true;
  }
  return false;
}

}  // namespace

Reader::Reader(EventSink sink, EngineOptions options) : sink_(std::move(sink)), options_(options) {}

void Reader::feed(std::string_view chunk) {
  if (known_) return pass(chunk);
  const auto part = chunk.substr(0, survey_bytes - start_.size());
  start_.append(part);
  if (start_.size() < survey_bytes) return;
  settle();
  pass(chunk.substr(part.size()));
}

void Reader::settle() {
  if (known_ || start_.empty()) return;
  known_ = true;
  form_ = survey(start_);
  binary_ = is_binary(start_);
  options_.wall = form_.wall && !form_.plain();
  engine_.emplace(sink_, options_);
  peeler_.emplace(form_);
  fragments_.emplace([this](Piece&& piece) { message(std::move(piece)); },
                     [this](std::uint64_t number) {
                       engine_->report(Event{number, std::nullopt, Damage{Damage::Kind::dropped, 1}});
                     });
  joiner_.emplace(
      form_, [this](Piece&& piece) { deliver(piece); },
      [this](std::uint64_t number) { damage(Damage::Kind::wrapped, number); });
  keeps_ = form_.out_of_order();
  pass(std::exchange(start_, {}));
}

void Reader::damage(Damage::Kind kind, std::uint64_t number) {
  engine_->report(Event{number, std::nullopt, Damage{kind, 0}});
}

void Reader::pass(std::string_view chunk) {
  if (form_.plain()) return engine_->feed(chunk);
  const auto each = [this](std::string_view text, std::uint64_t number, std::uint64_t offset) {
    line(text, number, offset);
  };
  const bool skips = options_.prefilter && form_.by_line();
  if (!skips) return splitter_.feed(chunk, each);
  feed_blocks(
      splitter_, chunk, [this](std::string_view whole) { block(whole); }, each);
}

// Whole lines. Only the time counts of those in which nothing of interest is.
void Reader::block(std::string_view whole) {
  prefilter_.scan(whole);
  const auto lines = index_.of(whole);
  std::uint64_t number = splitter_.lines();
  std::size_t from = 0;
  bool idle = engine_->idle() && fragments_->idle();  // passing a line opens nothing
  for (const IndexedLine& one : lines) {
    const auto text = whole.substr(from, one.end - from);
    ++number;
    const Interest interest = prefilter_.interest(from, one.end);
    const bool quiet = interest == 0 && idle;
    if (!quiet || !skip(text, one, from, number)) {
      line(text, number, splitter_.bytes() + from, peeler_->hides(text) ? for_all : interest);
      idle = engine_->idle() && fragments_->idle();
    }
    from = one.end + std::size_t{1};
  }
  splitter_.skipped(lines.size(), whole.size());
}

bool Reader::skip(std::string_view text, const IndexedLine& index, std::size_t from, std::uint64_t number) {
  std::int64_t time_us = -1;
  const std::size_t at = index.stamp == 0 ? 0 : index.stamp - from;
  return !index.more && peeler_->time_of(text, at, time_us) && engine_->pass(time_us, number);
}

void Reader::line(std::string_view text, std::uint64_t number, std::uint64_t offset, Interest interest) {
  fragments_->push({peeler_->peel(text), number, offset, interest});
}

// A line without its form, whole.
void Reader::message(Piece&& piece) {
  if (!keeps_) return joiner_->push(std::move(piece));
  kept_bytes_ += piece.line.text.size();
  kept_.push_back(std::move(piece));
  if (kept_bytes_ > max_kept_bytes) {
    keeps_ = false;
    for (auto& one : std::exchange(kept_, {})) joiner_->push(std::move(one));
  }
}

// A line that is there a second time: right behind the first, or in a broadcast.
bool Reader::again(const Piece& piece) {
  if (trim_left(piece.line.text).empty()) return false;
  if (form_.doubled) {
    const bool same = last_ && last_->line.text == piece.line.text;
    last_ = same ? std::nullopt : std::optional(piece);
    if (same) return true;
  }
  if (!form_.broadcasts) return false;
  std::vector<Record> records;
  split_records(piece.line.text, piece.number, piece.offset, records);
  const auto hash = std::hash<std::string_view>{}(records.back().text);
  if (is_broadcast(piece.line.text)) return std::find(recent_.begin(), recent_.end(), hash) != recent_.end();
  if (recent_.size() == near_lines) recent_.pop_front();
  recent_.push_back(hash);
  return false;
}

// Of a line that was not in a block, or that hides something in it.
Interest Reader::interest_in(std::string_view text) {
  if (!options_.prefilter) return for_all;
  line_prefilter_.scan(text);
  return line_prefilter_.interest(0, text.size());
}

// A line of no interest: its time, if it certainly has one clock.
bool Reader::pass(const Piece& piece) {
  const std::string_view text = piece.line.text;
  std::int64_t time_us = -1;
  const auto at = find_stamp(text);
  if (may_have_stamp(text.substr(std::min(at, text.size())))) return false;
  if (at != std::string_view::npos)
    return !options_.wall && lone_stamp(text, at, stamps_, time_us) && engine_->pass(time_us, piece.number);
  if (may_have_stamp(text)) return false;
  return piece.line.wall_us >= 0 && is_plain_message(text) &&
         engine_->pass_wall(piece.line.wall_us, piece.number);
}

void Reader::deliver(const Piece& piece) {
  if (again(piece)) return damage(Damage::Kind::repeated, piece.number);
  const Interest interest = piece.interest == for_all ? interest_in(piece.line.text) : piece.interest;
  if (interest == 0 && engine_->idle() && pass(piece)) return;
  engine_->feed_line(
      {piece.line.text, piece.number, piece.offset, piece.line.wall_us, form_.human, interest});
}

// The lines that were kept, in the order of time: their numbers rise, and renumber() gives the physical ones.
void Reader::release() {
  keeps_ = false;
  const std::size_t removed = arrange(kept_, form_);
  physical_.reserve(kept_.size());
  for (auto& piece : kept_) {
    physical_.push_back(piece.number);
    piece.number = physical_.size();
    joiner_->push(std::move(piece));
  }
  kept_.clear();
  joiner_->finish();
  for (std::size_t i = 0; i < removed; ++i) damage(Damage::Kind::repeated, physical_.size());
}

void Reader::finish() {
  settle();
  if (!engine_) engine_.emplace(sink_, options_);
  if (form_.plain()) return engine_->finish();
  if (splitter_.pending()) engine_->half_line_follows();
  const bool cut = splitter_.finish([this](std::string_view text, std::uint64_t number,
                                           std::uint64_t offset) { line(text, number, offset); });
  fragments_->finish();
  const bool arranged = keeps_;
  if (arranged) release();
  joiner_->finish();
  engine_->finish(arranged ? physical_.size() : splitter_.lines(), cut);
}

std::uint64_t Reader::lines() const {
  return !engine_ ? 0 : form_.plain() ? engine_->lines() : splitter_.lines();
}
std::uint64_t Reader::bytes() const {
  return !engine_ ? start_.size() : form_.plain() ? engine_->bytes() : splitter_.bytes();
}

void Reader::renumber(Event& event) const {
  if (!physical_.empty()) log::renumber(event, physical_);
}
void Reader::renumber(LogFacts& facts) const {
  if (!physical_.empty()) log::renumber(facts, physical_);
}

}  // namespace hangar::log
