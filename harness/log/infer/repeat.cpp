// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/repeat.h"

#include <cmath>
#include <functional>
#include <string_view>

namespace hangar::log {
namespace {

constexpr std::size_t places = 16384;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x9e3779b97f4a7c15U ^ (hash >> 29);
}
std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  return mixed(hash, std::hash<std::string_view>{}(text));
}

// What makes two events of one time the same; 0: nothing does. `by_name`: the event names a task or a CPU, so
// that seconds suffice.
struct Identity {
  std::uint64_t hash = 0;
  bool by_name = false;
};

std::uint64_t task_hash(std::uint64_t kind, std::int64_t pid, std::string_view comm) {
  return mixed(mixed(kind, static_cast<std::uint64_t>(pid)), comm);
}

struct Identify {
  Identity operator()(const HungTask& e) const {
    const auto seconds = static_cast<std::uint64_t>(e.blocked_s.value_or(0));
    return {mixed(task_hash(1, e.pid, e.comm), seconds), true};
  }
  Identity operator()(const Lockup& e) const {
    const auto cpu = static_cast<std::uint64_t>(e.cpu.value_or(-1));
    return {mixed(mixed(task_hash(2, e.pid, e.comm), cpu), static_cast<std::uint64_t>(e.kind)),
            e.kind == LockupKind::soft};
  }
  Identity operator()(const OomKill& e) const { return {task_hash(3, e.pid, e.comm)}; }
  Identity operator()(const OomReap& e) const { return {task_hash(4, e.pid, e.comm)}; }
  Identity operator()(const OomInvoked& e) const {
    return e.head.invoker ? Identity{task_hash(5, 0, e.head.invoker->comm)} : Identity{};
  }
  // Without the dump, several kills may have the same tick of a coarse clock.
  Identity operator()(const OomEpisode& e) const {
    return {task_hash(6, e.kills.empty() ? -1 : e.kills.front().pid, e.invoker ? e.invoker->comm : "")};
  }
  Identity operator()(const AllocTrouble& e) const { return {task_hash(7, 0, e.comm)}; }
  Identity operator()(const MemAlloc& e) const { return {mixed(8, static_cast<std::uint64_t>(e.stalling))}; }
  Identity operator()(const Crash& e) const { return {mixed(mixed(9, e.type), e.title)}; }
  template <typename T>
  Identity operator()(const T& /*other*/) const {
    return {};
  }
};

}  // namespace

bool RepeatWatch::is_repeat(const Event& event, bool exact) {
  if (!event.time_s) return false;
  const Identity identity = std::visit(Identify{}, event.body);
  if (identity.hash == 0 || (!exact && !identity.by_name)) return false;
  const auto key = mixed(identity.hash, static_cast<std::uint64_t>(std::llround(*event.time_s * 1e6)));
  if (seen_.empty()) seen_.resize(places);
  std::uint64_t& place = seen_[key % places];
  if (place == key) return true;
  place = key;
  return false;
}

}  // namespace hangar::log
