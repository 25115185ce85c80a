// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// Pages saved from a web archive.
namespace hangar::mail {

[[nodiscard]] bool looks_like_html(std::string_view bytes);
// The text of a page: tags, scripts and styles gone, entities resolved. Line breaks stay as they are in the
// source, which is right within <pre>, where archives put a mail.
[[nodiscard]] std::string page_text(std::string_view html);

}  // namespace hangar::mail
