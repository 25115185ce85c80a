// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/interest.h"

// The log engine: bytes in, in any chunks, events out. It keeps no more than what an open episode needs, so
// it can follow a guest for days. For everything at once see read.h.
//
//   Engine engine([&](Event&& event) { ... });
//   while (...) engine.feed(bytes);
//   engine.finish();
namespace hangar::log {

struct EngineOptions {
  bool prefilter = true;  // false: the obvious path, every line through every parser; gives the same events
  bool wall = false;      // the log's clock is a wall clock: a printk stamp in it is a broadcast's
};

struct InputLine {
  std::string_view text;
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
  std::int64_t wall_us = -1;  // the wall clock, if the text has no stamp
  bool kernel = false;        // certainly the kernel's
  Interest interest = for_all;
};

class Engine {
 public:
  explicit Engine(EventSink sink, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void feed(std::string_view chunk);
  // One line whose form was already resolved (Reader). Numbers rise. Not to be mixed with feed().
  void feed_line(const InputLine& line);
  // Nothing is open: only the time of a line matters in which the prefilter finds nothing.
  [[nodiscard]] bool idle() const;
  // The printk time of such a line, instead of feed_line(). False: the line has to be fed.
  [[nodiscard]] bool pass(std::int64_t time_us, std::uint64_t number);
  // The same of a line without stamps in a log whose clock is a wall clock.
  [[nodiscard]] bool pass_wall(std::int64_t time_us, std::uint64_t number);
  // The last line is not whole. Called before it.
  void half_line_follows();
  // The log is over: open episodes and hangs are closed or censored. Nothing may be fed after it.
  void finish();
  // The same, after feed_line(), of a log with so many lines.
  void finish(std::uint64_t lines, bool cut);
  // An event that the caller found in the log's form.
  void report(Event&& event);
  [[nodiscard]] std::uint64_t lines() const;
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hangar::log
