// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/engine.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "harness/log/crash/crash.h"
#include "harness/log/infer/finding.h"
#include "harness/log/infer/hang.h"
#include "harness/log/infer/integrity.h"
#include "harness/log/infer/repeat.h"
#include "harness/log/input/blocks.h"
#include "harness/log/input/line_index.h"
#include "harness/log/input/lines.h"
#include "harness/log/parse/boot.h"
#include "harness/log/parse/detect.h"
#include "harness/log/parse/hung.h"
#include "harness/log/parse/memalloc.h"
#include "harness/log/parse/oom.h"
#include "harness/log/parse/stack.h"
#include "harness/log/parse/stall.h"
#include "harness/log/parse/sysrq.h"
#include "harness/log/record/prefilter.h"
#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"
#include "harness/log/record/stamp.h"
#include "harness/log/record/wall_memo.h"

namespace hangar::log {
namespace {

// A line of a block.
struct Cursor {
  std::size_t index = 0;
  std::size_t from = 0;
  std::uint64_t number = 0;  // of the line before

  void next(const IndexedLine& one) {
    ++index;
    ++number;
    from = one.end + std::size_t{1};
  }
};

// `name[12]:`, but not `lowmem_reserve[]:`.
bool has_pid(std::string_view word) {
  return word.ends_with("]:") && word.size() > 2 && is_digit(word[word.size() - 3]);
}

// `name[12]: `, also behind a host's name: what a program logs.
bool is_program(std::string_view text) {
  if (text.empty() || !is_word(text.front())) return false;  // nearly every line of a dump
  Scan scan(text);
  const auto first = scan.word();
  if (has_pid(first)) return true;
  scan.blanks();
  return has_pid(scan.word()) && !first.ends_with(':');
}

}  // namespace

class Engine::Impl {
 public:
  Impl(EventSink sink, EngineOptions options)
      : options_(options), sink_(std::move(sink)), emit_([this](Event&& event) { emit(std::move(event)); }) {}

  void feed(std::string_view chunk);
  void feed_line(const InputLine& one);
  void half_line_follows() {
    crash_.half_line_follows();
    oom_.half_line_follows();
  }
  void finish();
  void finish(std::uint64_t lines, bool cut);
  void report(Event&& event) { emit(std::move(event)); }
  [[nodiscard]] bool attentive() const {
    return stack_.open() || sysrq_.open() || oom_.open() || memalloc_.open() || crash_.open() ||
           stall_.open();
  }
  bool follows(std::int64_t time_us, std::uint64_t number);
  bool follows_wall(std::int64_t time_us, std::uint64_t number);
  [[nodiscard]] const LineSplitter& splitter() const { return splitter_; }

 private:
  void line(std::string_view text, std::uint64_t number, std::uint64_t offset, Interest interest);
  void pass(std::string_view whole, Cursor& at);
  bool glance(std::string_view text, const IndexedLine& index, std::size_t from, std::uint64_t number);
  bool single(std::string_view text, std::uint64_t number, std::uint64_t offset, Interest interest);
  void block(std::string_view whole);
  void record(Record& record, Interest interest);
  bool goes_on(const Record& record);
  void tick(std::int64_t time_us, std::uint64_t number) {
    memalloc_.tick(time_us, emit_);
    crash_.tick(time_us, emit_);
    hang_.tick(time_us, number, emit_);
    oom_.tick(time_us, emit_);
  }
  void parse(const Record& record, Interest interest);
  void emit(Event&& event);
  void complete(Event& event);
  void end_boot(bool complete);

  EngineOptions options_;
  EventSink sink_;
  EventSink emit_;  // into the trackers, then to the caller
  LineSplitter splitter_;
  LineIndex index_;
  std::span<const IndexedLine> lines_;  // of a block
  std::vector<Record> records_;
  Prefilter prefilter_;
  WallMemo wall_;
  StampMemo stamps_;
  BootTracker boot_;
  RepeatWatch repeats_;
  IntegrityWatch integrity_;
  OomParser oom_;
  MemAllocParser memalloc_;
  StackParser stack_;
  SysRqParser sysrq_;
  StallDetailParser stall_;
  HungTaskPeriods periods_;
  CrashParser crash_;
  HangTracker hang_;
  FindingTracker finding_;
  bool replaying_ = false;
};

// What follows from the events before.
void Engine::Impl::complete(Event& event) {
  if (auto* hung = std::get_if<HungTask>(&event.body)) periods_.add_up(*hung);
  if (const auto* boot = std::get_if<BootStarted>(&event.body)) {
    if (!boot->same_boot) periods_.reset();
    periods_.kernel(boot->kernel_release);
  }
}

void Engine::Impl::emit(Event&& event) {
  const auto* oom = std::get_if<OomInvoked>(&event.body);
  if ((oom != nullptr && oom->head.invoker) || std::holds_alternative<SysRq>(event.body))
    crash_.interrupted(event.line);
  if (repeats_.is_repeat(event, boot_.has_printk_time()))
    return sink_(Event{event.line, event.time_s, Damage{Damage::Kind::repeated, 0}});
  complete(event);
  finding_.on(event, sink_);
  hang_.on(event, [this](Event&& hang) {
    finding_.on(hang, sink_);
    sink_(std::move(hang));
  });
  if (std::holds_alternative<InitStarted>(event.body)) boot_.reached_init();
  if (const auto* action = std::get_if<SysRq>(&event.body)) sysrq_.begin(*action, emit_);
  if (const auto* report = std::get_if<Lockup>(&event.body)) stall_.begin(*report);
  sink_(std::move(event));
}

void Engine::Impl::end_boot(bool complete) {
  crash_.finish(emit_);
  stack_.finish(emit_);
  sysrq_.finish(emit_);
  stall_.finish();
  memalloc_.finish(emit_);
  oom_.finish(emit_);
  hang_.finish(complete, [this](Event&& hang) {
    finding_.on(hang, sink_);
    sink_(std::move(hang));
  });
  finding_.finish(sink_);
  repeats_.reset();
}

void Engine::Impl::parse(const Record& record, Interest interest) {
  if (is_program(record.text)) {  // only that init runs follows from it
    if (contains(record.text, "systemd[1]: ")) emit(Event{record.line, record.time_s(), InitStarted{}});
    return;
  }
  const auto wanted = [&](Interest by) { return (interest & by) != 0; };
  if (wanted(for_integrity) &&
      IntegrityWatch::is_mark(record)) {  // what was open does not go on behind lost lines
    stack_.finish(emit_);
    sysrq_.finish(emit_);
    memalloc_.finish(emit_);
    oom_.lost_lines();
    crash_.lost_lines(record.line);
  }
  if (integrity_.feed(record, wanted(for_integrity), emit_)) return;
  const bool kernel = record.clock != Clock::none || !boot_.has_printk_time();
  crash_.feed(record, wanted(for_crash), kernel, emit_);
  // A row of a task table is nothing else, and the most frequent line of an OOM storm.
  if (oom_.feed(record, wanted(for_oom), emit_)) return;
  if (memalloc_.feed(record, wanted(for_memalloc), emit_)) return;
  if (wanted(for_detect)) {
    const auto found = detect(record, emit_);
    if (found != Detected::nothing) stack_.finish(emit_);
    if (found == Detected::stacks_follow) {
      stack_.expect();
      stall_.feed(record, emit_);  // older kernels print the CPUs on the first line
    }
    if (found != Detected::nothing) return;
  } else if (wanted(for_init) && is_init_start(record.text)) {
    emit(Event{record.line, record.time_s(), InitStarted{}});
    return stack_.finish(emit_);
  }
  stall_.feed(record, emit_);
  if (sysrq_.feed(record, emit_)) return;
  stack_.feed(record, wanted(for_stack), emit_);
}

void Engine::Impl::record(Record& record, Interest interest) {
  const bool other_clock =
      record.clock == Clock::wall ? boot_.has_printk_time() : record.clock == Clock::printk && options_.wall;
  if (other_clock) {
    record.clock = Clock::none;
    record.time_us = -1;
  }
  if (boot_.begins(record, (interest & for_boot) != 0)) {
    if (boot_.started()) {
      end_boot(true);
      emit(Event{boot_.last_line(), std::nullopt, boot_.ended()});
    }
    boot_.start(record);
    emit(Event{record.line, record.time_s(), BootStarted{}});
  }
  if (auto named = boot_.feed(record, (interest & for_boot) != 0))
    emit(Event{record.line, record.time_s(), std::move(*named)});
  if (boot_.is_behind(record.clock, record.time_us)) {
    if (!replaying_) emit(Event{record.line, record.time_s(), Damage{Damage::Kind::replayed, 0}});
    replaying_ = true;
  } else {
    if (record.time_us >= 0) replaying_ = false;
    tick(record.time_us, record.line);
  }
  parse(record, interest);
}

void Engine::Impl::line(std::string_view text, std::uint64_t number, std::uint64_t offset,
                        Interest interest) {
  records_.clear();
  split_records(text, number, offset, records_);
  const bool wall = records_.size() == 1 && records_.front().clock == Clock::wall;
  for (auto& one : records_) record(one, interest);
  if (wall && !boot_.has_printk_time()) wall_.learn(text);
}

// A printk stamp of the open boot, none that was printed before: what record() does with a record that has it
// and names no kernel.
bool Engine::Impl::follows(std::int64_t time_us, std::uint64_t number) {
  if (replaying_ || !boot_.has_printk_time() || boot_.is_behind(Clock::printk, time_us)) return false;
  boot_.note(Clock::printk, time_us, number);
  tick(time_us, number);
  return true;
}

// The same of a wall clock, in a log without printk stamps that is known to be the kernel's.
bool Engine::Impl::follows_wall(std::int64_t time_us, std::uint64_t number) {
  if (time_us < 0 || boot_.has_printk_time() || !boot_.has_kernel_line()) return false;
  replaying_ = false;
  boot_.note(Clock::wall, time_us, number);
  tick(time_us, number);
  return true;
}

// Nothing of interest is in the line, and nothing is open: if it has one stamp, only its time counts, and no
// prefix matters. False when it has to go the long way.
bool Engine::Impl::glance(std::string_view text, const IndexedLine& index, std::size_t from,
                          std::uint64_t number) {
  std::int64_t time_us = -1;
  if (index.more) return false;
  if (index.stamp != 0)
    return lone_stamp(text, index.stamp - from, stamps_, time_us) && follows(time_us, number);
  if (text.size() >= usual_stamp_size && stamps_.usual_stamp(text.data(), time_us))
    return follows(time_us, number);
  if (printk_stamp(text, time_us) != 0) return follows(time_us, number);
  return !boot_.has_printk_time() && follows_wall(wall_.glance(text), number);
}

// True if the record continues the one open multi-line report, so the other parsers can be skipped.
bool Engine::Impl::goes_on(const Record& record) {
  if (sysrq_.open() || memalloc_.open() || crash_.open()) return false;
  if (!oom_.open()) return stack_.goes_on(record);
  return !stack_.open() && oom_.goes_on(record);
}

// The same line where it may be of interest, or something is open.
bool Engine::Impl::single(std::string_view text, std::uint64_t number, std::uint64_t offset,
                          Interest interest) {
  Record only;
  if (!stamped_record(text, number, offset, only)) return false;
  // Nearly always three dots in a sentence.
  const bool no_mark = interest == for_integrity && !attentive() && !IntegrityWatch::is_mark(only);
  if (no_mark && follows(only.time_us, number)) return true;
  if (interest != 0 || !follows(only.time_us, number)) {
    record(only, interest);
  } else if (!goes_on(only)) {
    parse(only, interest);
  }
  return true;
}

// Nothing is open: goes over the lines that are of no interest, up to one that has to go the long way.
void Engine::Impl::pass(std::string_view whole, Cursor& at) {
  const std::size_t quiet_until = prefilter_.quiet_until();
  while (at.index < lines_.size()) {
    const IndexedLine& one = lines_[at.index];
    const std::string_view text = whole.substr(at.from, std::min(one.end - at.from, max_line_bytes));
    if (one.end >= quiet_until || !glance(text, one, at.from, at.number + 1)) return;
    at.next(one);
  }
}

// Whole lines: the matcher goes over them at once.
void Engine::Impl::block(std::string_view whole) {
  prefilter_.scan(whole);
  lines_ = index_.of(whole);
  Cursor at{0, 0, splitter_.lines()};
  const std::uint64_t base = splitter_.bytes();
  while (at.index < lines_.size()) {
    const bool attentive = this->attentive();
    if (!attentive) pass(whole, at);
    if (at.index == lines_.size()) break;
    const IndexedLine& one = lines_[at.index];
    const std::string_view text = whole.substr(at.from, std::min(one.end - at.from, max_line_bytes));
    const Interest interest = prefilter_.interest(at.from, one.end);
    const bool glanced = interest == 0 && !attentive;
    const std::uint64_t offset = base + at.from;
    if (glanced || one.stamp != 0 || !single(text, at.number + 1, offset, interest))
      line(text, at.number + 1, offset, interest);
    at.next(one);
  }
  splitter_.skipped(lines_.size(), whole.size());
}

void Engine::Impl::feed(std::string_view chunk) {
  const auto slow = [this](std::string_view text, std::uint64_t number, std::uint64_t offset) {
    line(text, number, offset, for_all);
  };
  if (!options_.prefilter) return splitter_.feed(chunk, slow);
  feed_blocks(
      splitter_, chunk, [this](std::string_view whole) { block(whole); }, slow);
}

void Engine::Impl::feed_line(const InputLine& one) {
  splitter_.skipped(one.number - splitter_.lines(), 0);
  records_.clear();
  split_records(one.text.substr(0, max_line_bytes), one.number, one.offset, records_);
  if (Record& first = records_.front(); one.wall_us >= 0 && first.clock != Clock::printk) {
    first.clock = Clock::wall;
    first.time_us = one.wall_us;
    first.kernel = first.kernel || one.kernel;
  }
  for (auto& each : records_) record(each, one.interest);
}

void Engine::Impl::finish() {
  if (splitter_.pending()) half_line_follows();
  const bool cut = splitter_.finish([this](std::string_view text, std::uint64_t number,
                                           std::uint64_t offset) { line(text, number, offset, for_all); });
  finish(splitter_.lines(), cut);
}

void Engine::Impl::finish(std::uint64_t lines, bool cut) {
  splitter_.skipped(lines - splitter_.lines(), 0);
  if (!boot_.started()) emit(Event{1, std::nullopt, BootStarted{}});
  if (cut) emit(Event{splitter_.lines(), std::nullopt, Damage{Damage::Kind::truncated, 0}});
  end_boot(!cut);
  PartCounts left_out;
  left_out[Part::long_lines] = splitter_.long_lines();
  report_left_out(left_out, splitter_.lines(), emit_);
  emit(Event{splitter_.lines(), std::nullopt, boot_.ended()});
}

Engine::Engine(EventSink sink, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(sink), options)) {}
Engine::~Engine() = default;
void Engine::feed(std::string_view chunk) {
  impl_->feed(chunk);
}
void Engine::feed_line(const InputLine& line) {
  impl_->feed_line(line);
}
bool Engine::idle() const {
  return !impl_->attentive();
}
bool Engine::pass(std::int64_t time_us, std::uint64_t number) {
  return impl_->follows(time_us, number);
}
bool Engine::pass_wall(std::int64_t time_us, std::uint64_t number) {
  return impl_->follows_wall(time_us, number);
}
void Engine::half_line_follows() {
  impl_->half_line_follows();
}
void Engine::finish() {
  impl_->finish();
}
void Engine::finish(std::uint64_t lines, bool cut) {
  impl_->finish(lines, cut);
}
void Engine::report(Event&& event) {
  impl_->report(std::move(event));
}
std::uint64_t Engine::lines() const {
  return impl_->splitter().lines();
}
std::uint64_t Engine::bytes() const {
  return impl_->splitter().bytes();
}

}  // namespace hangar::log
