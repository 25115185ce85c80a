// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/log/infer/facts.h"
#include "harness/log/parse/event.h"

namespace hangar::log {

/// Replaces each line number n by `physical[n - 1]`.
void renumber(Event& event, const std::vector<std::uint64_t>& physical);
void renumber(LogFacts& facts, const std::vector<std::uint64_t>& physical);

}  // namespace hangar::log
