// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/quote.h"

namespace hangar::mail {
namespace {

// Moves `line` behind its next mark. A blank may come before a mark, but not before the first one.
bool take_mark(std::string_view& line, bool first) {
  const size_t at = !first && !line.empty() && line[0] == ' ' ? 1 : 0;
  if (line.size() <= at || line[at] != '>') return false;
  line.remove_prefix(at + 1);
  return true;
}

}  // namespace

Unquoted unquote(std::string_view line) {
  Unquoted out;
  while (take_mark(line, out.quoting.depth == 0)) ++out.quoting.depth;
  out.quoting.spaced = out.quoting.depth > 0 && !line.empty() && line[0] == ' ';
  if (out.quoting.spaced) line.remove_prefix(1);
  out.text = line;
  return out;
}

std::optional<std::string_view> unquote(std::string_view line, const Quoting& quoting) {
  for (size_t i = 0; i < quoting.depth; ++i) {
    if (!take_mark(line, i == 0)) return std::nullopt;
  }
  if (quoting.spaced && !line.empty() && line[0] == ' ') line.remove_prefix(1);
  return line;
}

}  // namespace hangar::mail
