// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/log/explain/explanation.h"
#include "harness/log/explain/statements.h"
#include "harness/log/parse/event.h"

namespace hangar::log {

/// Explains each OOM episode of a log when nothing more can belong to it. Keeps little of those before, so a
/// log of any size can be followed.
class OomExplainer {
 public:
  using Sink = std::function<void(Explanation&&)>;

  explicit OomExplainer(Sink sink) : sink_(std::move(sink)) {}
  void on(const Event& event);
  [[nodiscard]] std::uint64_t episodes() const { return episodes_; }

 private:
  void explain(const OomEpisode& episode);
  void remember(const OomEpisode& episode, const Explanation& out);

  Sink sink_;
  std::uint64_t episodes_ = 0;
  std::optional<std::string> release_;
  OomHistory history_;
};

}  // namespace hangar::log
