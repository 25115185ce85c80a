// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "harness/log/explain/explanation.h"

namespace hangar::log {

/// The memory of the machine, or of the group that reached its limit. Nothing if the log has no counts.
[[nodiscard]] std::optional<MemoryTable> memory_table(const OomEpisode& episode);
/// The amount of a row or a part.
[[nodiscard]] Number amount_of(const MemoryTable& table, std::string_view id);
/// In percent of the total.
[[nodiscard]] std::optional<double> share_of(const MemoryTable& table, std::string_view id);
/// The size of a page, as the free blocks or the kill line show it.
[[nodiscard]] Number page_kb_of(const OomEpisode& episode);

}  // namespace hangar::log
