// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/oops_watch.h"

#include <algorithm>

#include "harness/base/text.h"

namespace hangar::live {
namespace {

constexpr size_t longest_header = 24;  // ": 0002 [#4294967295]"

// ": 0002 " ends right before `at`; a page fault's error code may have more than four digits.
bool error_code_before(std::string_view text, size_t at) {
  if (at == 0 || text[at - 1] != ' ') return false;
  size_t begin = at - 1;
  while (begin > 0 && is_hex(text[begin - 1])) --begin;
  return at - 1 - begin >= 4 && begin >= 2 && text[begin - 1] == ' ' && text[begin - 2] == ':';
}

bool has_header(std::string_view text) {
  for (size_t at = text.find("[#"); at != std::string_view::npos; at = text.find("[#", at + 1)) {
    size_t end = at + 2;
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool counter = end > at + 2 && end < text.size() && text[end] == ']';
    if (counter && error_code_before(text, at)) return true;
  }
  return false;
}

}  // namespace

void OopsWatch::feed(std::string_view bytes) {
  if (seen_) return;
  const std::string_view head = bytes.substr(0, longest_header);
  seen_ = has_header(bytes) || has_header(tail_ + std::string(head));
  tail_ += std::string(bytes.substr(bytes.size() - std::min(bytes.size(), longest_header)));
  if (tail_.size() > longest_header) tail_.erase(0, tail_.size() - longest_header);
}

}  // namespace hangar::live
