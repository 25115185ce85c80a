// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/log/infer/facts.h"
#include "harness/log/render/merge.h"

// The parts of hangar.log/1, one function a type.
namespace hangar::log {

using nlohmann::ordered_json;

ordered_json json_of(const Crash& crash);
ordered_json json_of(const OomEpisode& episode);
ordered_json json_of(const OomKill& kill);
ordered_json json_of(const OomReap& reap);
ordered_json json_of(const MemAlloc& report);
ordered_json json_of(const AllocTrouble& trouble);
ordered_json json_of(const SysRq& sysrq);
ordered_json json_of(const HungTask& hung);
ordered_json json_of(const HungTaskSeries& series);
ordered_json json_of(const Blocker& blocker);
ordered_json json_of(const Suppressed& suppressed);
ordered_json json_of(const RcuStall& stall);
ordered_json json_of(const std::vector<BusyWork>& works);
ordered_json json_of(const std::optional<TaskId>& task);
ordered_json json_of(const Lockup& lockup);
ordered_json json_of(const TaskStack& stack);
ordered_json json_of(const Hang& hang);
ordered_json json_of(const Finding& finding);

}  // namespace hangar::log
