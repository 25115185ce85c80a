// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "harness/log/facts.h"

// The parts of hangar.log/1, one function a type. For json.cpp alone: it pulls in the heavy JSON header.
namespace hangar::log {

using nlohmann::ordered_json;

template <typename T>
ordered_json optional_json(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json json_of(const Crash& crash);
ordered_json json_of(const OomEpisode& episode);
ordered_json json_of(const OomKill& kill);
ordered_json json_of(const OomReap& reap);
ordered_json json_of(const MemAlloc& report);
ordered_json json_of(const AllocTrouble& trouble);
ordered_json json_of(const SysRq& sysrq);
ordered_json json_of(const HungTask& hung);
ordered_json json_of(const Lockup& lockup);
ordered_json json_of(const TaskStack& stack);
ordered_json json_of(const Hang& hang);
ordered_json json_of(const Finding& finding);

}  // namespace hangar::log
