// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/log/form/arrange.h"
#include "harness/log/form/form.h"
#include "harness/log/form/fragments.h"
#include "harness/log/form/joiner.h"
#include "harness/log/form/peel.h"
#include "harness/log/infer/engine.h"
#include "harness/log/infer/facts.h"
#include "harness/log/input/line_index.h"
#include "harness/log/input/lines.h"
#include "harness/log/record/prefilter.h"
#include "harness/log/record/stamp.h"

namespace hangar::log {

/// Reads a log in the form in which users pass it on. Learns the form from the first 256 KiB, then feeds an
/// engine. A plain log goes to the engine as it is. Lines in another order than that of time are kept until
/// the end: at most 64 MiB, else the log is read in its own order.
class Reader {
 public:
  explicit Reader(EventSink sink, EngineOptions options = {});
  void feed(std::string_view chunk);
  /// Learns the form from what is there, instead of waiting for more. For logs that are followed.
  void settle();
  void finish();
  /// The log begins with bytes that no console prints.
  [[nodiscard]] bool binary() const { return binary_; }
  [[nodiscard]] std::uint64_t lines() const;
  [[nodiscard]] std::uint64_t bytes() const;

  /// The physical lines of an event or of facts. Before, they are numbers in the order of time.
  void renumber(Event& event) const;
  void renumber(LogFacts& facts) const;

 private:
  void pass(std::string_view chunk);
  void block(std::string_view whole);
  [[nodiscard]] bool skip(std::string_view text, const IndexedLine& index, std::size_t from,
                          std::uint64_t number);
  void line(std::string_view text, std::uint64_t number, std::uint64_t offset, Interest interest = for_all);
  void message(Piece&& piece);
  [[nodiscard]] bool pass(const Piece& piece);
  void deliver(const Piece& piece);
  [[nodiscard]] Interest interest_in(std::string_view text);
  [[nodiscard]] bool again(const Piece& piece);
  void release();
  void damage(Damage::Kind kind, std::uint64_t number);

  EventSink sink_;
  EngineOptions options_;
  std::string start_;  // until the form is known
  bool known_ = false;
  bool binary_ = false;
  Form form_;
  std::optional<Engine> engine_;
  LineSplitter splitter_;
  Prefilter prefilter_;       // of blocks
  Prefilter line_prefilter_;  // of a line, while a block is read
  LineIndex index_;
  StampMemo stamps_;
  std::optional<Peeler> peeler_;
  std::optional<FragmentJoiner> fragments_;
  std::optional<Joiner> joiner_;
  std::vector<Piece> kept_;  // to be put in order
  std::size_t kept_bytes_ = 0;
  bool keeps_ = false;
  std::deque<std::size_t> recent_;       // hashes of messages, if there are broadcasts
  std::optional<Piece> last_;            // of a doubled log
  std::vector<std::uint64_t> physical_;  // of a log that was put in order
  std::uint64_t number_ = 0;
};

}  // namespace hangar::log
