// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "harness/log/explain/explanation.h"
#include "harness/log/explain/gfp.h"

namespace hangar::log {

/// Holds each zone of the report against the watermarks of this allocation, as __zone_watermark_ok() in
/// mm/page_alloc.c does. The kernel prints the numbers after it has made the decision.
[[nodiscard]] std::vector<ZoneCheck> check_zones(const OomEpisode& episode, const Gfp& gfp);

}  // namespace hangar::log
