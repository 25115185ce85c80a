// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "harness/log/parse/event.h"

// The log engine: bytes in, in any chunks, events out. It keeps no more than what an open episode needs, so
// it can follow a guest for days. For everything at once see read.h.
//
//   Engine engine([&](Event&& event) { ... });
//   while (...) engine.feed(bytes);
//   engine.finish();
namespace hangar::log {

struct EngineOptions {
  bool prefilter = true;  // false: the obvious path, every line through every parser; gives the same events
};

class Engine {
 public:
  explicit Engine(EventSink sink, EngineOptions options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void feed(std::string_view chunk);
  // The log is over: open episodes and hangs are closed or censored. Nothing may be fed after it.
  void finish();
  [[nodiscard]] std::uint64_t lines() const;
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hangar::log
