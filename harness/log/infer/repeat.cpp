// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/repeat.h"

#include <cmath>
#include <functional>
#include <string>

namespace hangar::log {
namespace {

constexpr std::size_t max_seen = 65536;

// What makes two events of one time the same. `by_name`: it names a task or a CPU, so seconds suffice.
struct Identity {
  std::string text;
  bool by_name = false;
};

struct Identify {
  Identity operator()(const HungTask& e) const {
    return {"hung" + std::to_string(e.pid) + e.comm + std::to_string(e.blocked_s.value_or(-1)), true};
  }
  Identity operator()(const Lockup& e) const {
    return {"lockup" + std::to_string(static_cast<int>(e.kind)) + std::to_string(e.cpu.value_or(-1)) +
                e.comm + std::to_string(e.stuck_s.value_or(-1)),
            e.kind == LockupKind::soft};
  }
  Identity operator()(const OomKill& e) const { return {"kill" + std::to_string(e.pid) + e.comm}; }
  Identity operator()(const OomReap& e) const { return {"reap" + std::to_string(e.pid) + e.comm}; }
  Identity operator()(const OomInvoked& e) const {
    return {e.head.invoker ? "invoked" + e.head.invoker->comm : ""};
  }
  // Without the dump, several kills may have the same tick of a coarse clock.
  Identity operator()(const OomEpisode& e) const {
    return {"oom" + (e.invoker ? e.invoker->comm : "") +
            (e.kills.empty() ? "" : std::to_string(e.kills[0].pid))};
  }
  Identity operator()(const AllocTrouble& e) const { return {"alloc" + e.comm}; }
  Identity operator()(const MemAlloc& e) const { return {"memalloc" + std::to_string(e.stalling)}; }
  Identity operator()(const Crash& e) const { return {"crash" + e.type + e.title}; }
  Identity operator()(const TaskStack& e) const {
    return {e.pid < 0 ? "" : "task" + std::to_string(e.pid) + e.comm + std::to_string(e.frames.size())};
  }
  template <typename T>
  Identity operator()(const T& /*other*/) const {
    return {};
  }
};

}  // namespace

bool RepeatWatch::is_repeat(const Event& event, bool exact) {
  const Identity identity = std::visit(Identify{}, event.body);
  if (identity.text.empty()) return false;
  const std::hash<std::string> hash;
  if (!event.time_s || (!exact && !identity.by_name)) return false;
  const auto key = hash(identity.text + "@" + std::to_string(std::llround(*event.time_s * 1e6)));
  if (!seen_.insert(key).second) return true;
  order_.push_back(key);
  if (order_.size() > max_seen) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

}  // namespace hangar::log
