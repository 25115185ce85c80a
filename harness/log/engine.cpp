// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/engine.h"

#include <utility>
#include <vector>

#include "harness/log/boot.h"
#include "harness/log/crash.h"
#include "harness/log/detect.h"
#include "harness/log/finding.h"
#include "harness/log/hang.h"
#include "harness/log/integrity.h"
#include "harness/log/lines.h"
#include "harness/log/memalloc.h"
#include "harness/log/oom.h"
#include "harness/log/prefilter.h"
#include "harness/log/record.h"
#include "harness/log/stack.h"

namespace hangar::log {

class Engine::Impl {
 public:
  Impl(EventSink sink, EngineOptions options)
      : options_(options), sink_(std::move(sink)), emit_([this](Event&& event) { emit(std::move(event)); }) {}

  void feed(std::string_view chunk);
  void finish();
  [[nodiscard]] const LineSplitter& splitter() const { return splitter_; }

 private:
  void line(std::string_view text, std::uint64_t number, std::uint64_t offset);
  void record(Record& record);
  void parse(const Record& record);
  void emit(Event&& event);
  void end_boot(bool complete);
  [[nodiscard]] bool attentive() const {
    return stack_.open() || oom_.open() || memalloc_.open() || crash_.open();
  }

  EngineOptions options_;
  EventSink sink_;
  EventSink emit_;  // into the trackers, then to the caller
  LineSplitter splitter_;
  std::vector<Record> records_;
  Prefilter prefilter_;
  BootTracker boot_;
  IntegrityWatch integrity_;
  OomParser oom_;
  MemAllocParser memalloc_;
  StackParser stack_;
  CrashParser crash_;
  HangTracker hang_;
  FindingTracker finding_;
};

void Engine::Impl::emit(Event&& event) {
  finding_.on(event, sink_);
  hang_.on(event, [this](Event&& hang) {
    finding_.on(hang, sink_);
    sink_(std::move(hang));
  });
  sink_(std::move(event));
}

void Engine::Impl::end_boot(bool complete) {
  crash_.finish(emit_);
  stack_.finish(emit_);
  memalloc_.finish(emit_);
  oom_.finish(emit_);
  hang_.finish(complete, [this](Event&& hang) {
    finding_.on(hang, sink_);
    sink_(std::move(hang));
  });
  finding_.finish(sink_);
}

void Engine::Impl::parse(const Record& record) {
  if (IntegrityWatch::is_mark(record)) {  // what was open does not go on behind lost lines
    stack_.finish(emit_);
    memalloc_.finish(emit_);
    oom_.lost_lines();
    crash_.lost_lines();
  }
  if (integrity_.feed(record, emit_)) return;
  crash_.feed(record, true, emit_);
  // A row of a task table is nothing else, and the most frequent line of an OOM storm.
  if (oom_.feed(record, emit_)) return;
  if (memalloc_.feed(record, emit_)) return;
  if (detect(record, emit_)) {
    stack_.finish(emit_);
    return;
  }
  stack_.feed(record, emit_);
}

void Engine::Impl::record(Record& record) {
  if (record.clock == Clock::wall && boot_.has_printk_time()) {
    record.clock = Clock::none;
    record.time_us = -1;
  }
  if (boot_.begins(record)) {
    if (boot_.started()) {
      end_boot(true);
      emit(Event{boot_.last_line(), std::nullopt, boot_.ended()});
    }
    boot_.start(record);
    emit(Event{record.line, record.time_s(), BootStarted{}});
  }
  if (auto named = boot_.feed(record)) emit(Event{record.line, record.time_s(), std::move(*named)});
  memalloc_.tick(record, emit_);
  crash_.tick(record, emit_);
  hang_.tick(record.time_us, record.line, emit_);
  oom_.tick(record, emit_);
  parse(record);
}

void Engine::Impl::line(std::string_view text, std::uint64_t number, std::uint64_t offset) {
  records_.clear();
  split_records(text, number, offset, records_);
  for (auto& one : records_) record(one);
}

void Engine::Impl::feed(std::string_view chunk) {
  splitter_.feed(chunk, [this](std::string_view text, std::uint64_t number, std::uint64_t offset) {
    line(text, number, offset);
  });
}

void Engine::Impl::finish() {
  const bool cut = splitter_.finish([this](std::string_view text, std::uint64_t number,
                                           std::uint64_t offset) { line(text, number, offset); });
  if (!boot_.started()) emit(Event{1, std::nullopt, BootStarted{}});
  if (cut) emit(Event{splitter_.lines(), std::nullopt, Damage{Damage::Kind::truncated, 0}});
  end_boot(!cut);
  emit(Event{splitter_.lines(), std::nullopt, boot_.ended()});
}

Engine::Engine(EventSink sink, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(sink), options)) {}
Engine::~Engine() = default;
void Engine::feed(std::string_view chunk) {
  impl_->feed(chunk);
}
void Engine::finish() {
  impl_->finish();
}
std::uint64_t Engine::lines() const {
  return impl_->splitter().lines();
}
std::uint64_t Engine::bytes() const {
  return impl_->splitter().bytes();
}

}  // namespace hangar::log
