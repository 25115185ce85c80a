// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

// Pages saved from a web archive.
//
// Why this is not libxml2 2.9 (its HTML parser was tried, as a tree and by its SAX callbacks): a page may
// hold a diff of any bytes, and after one byte that is not UTF-8 that parser reads everything as Latin-1:
// later lines of the diff change without an error. Read into a tree, it also drops the rest of a <pre> after
// 10 MB and returns an empty page for 3000 open tags.
namespace hangar::mail {

[[nodiscard]] bool looks_like_html(std::string_view bytes);
// The text of a page: tags, scripts and styles gone, entities resolved. Line breaks stay as they are in the
// source, which is right within <pre>, where archives put a mail.
[[nodiscard]] std::string page_text(std::string_view html);

}  // namespace hangar::mail
