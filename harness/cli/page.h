// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// A page of the documentation, as `hangar help TOPIC` shows it.
namespace hangar::cli {

/// The Markdown wrapped to `width` columns: paragraphs, lists and tables. Code and words that are longer stay
/// as they are; comments are left out.
[[nodiscard]] std::string render_page(std::string_view markdown, size_t width);

}  // namespace hangar::cli
