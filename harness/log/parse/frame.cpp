// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/frame.h"

#include <algorithm>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

bool is_symbol(char c) {
  return is_word(c) || c == '.' || c == '$' || c == ':';
}

struct Symbol {
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::size_t begin = 0;  // of the name in the text
  std::size_t end = 0;    // behind the size
};

// `name+0x12/0x34`: what %pS prints everywhere.
std::optional<Symbol> find_symbol(std::string_view text) {
  std::size_t from = 0;
  for (;;) {
    const auto plus = text.find("+0x", from);
    if (plus == std::string_view::npos) return std::nullopt;
    from = plus + 3;
    std::size_t begin = plus;
    while (begin > 0 && is_symbol(text[begin - 1])) --begin;
    Symbol symbol;
    Scan scan(text.substr(from));
    if (begin == plus || !scan.hex(symbol.offset, limits::function_bytes) || !scan.take("/0x") ||
        !scan.hex(symbol.size, limits::function_bytes)) {
      continue;
    }
    symbol.name = text.substr(begin, plus - begin);
    const auto colon = symbol.name.rfind(':');  // "RIP: 0010:func"
    if (colon != std::string_view::npos) {
      symbol.name.remove_prefix(colon + 1);
      begin += colon + 1;
    }
    if (symbol.name.empty() || symbol.name.size() > limits::symbol || is_digit(symbol.name.front())) continue;
    symbol.begin = begin;
    symbol.end = text.size() - scan.rest().size();
    return symbol;
  }
}

// `fs/file.c:123` at the cursor.
std::string_view source_place(Scan& scan) {
  Scan ahead = scan;
  ahead.blanks();
  const auto word = ahead.word();
  const auto colon = word.rfind(':');
  if (word.size() > limits::symbol || colon == std::string_view::npos || colon < 3 ||
      colon + 1 >= word.size() || !is_digit(word[colon + 1]))
    return {};
  if (!contains(word.substr(0, colon), ".") || word.find_first_of("()[]<>,=") != std::string_view::npos)
    return {};
  scan = ahead;
  return word;
}

// arm since 5.18: ` memcpy from copy+0x24/0x60`. The caller has the offset.
void skip_callee(Scan& scan) {
  const auto from = scan.rest().find(" from");
  if (from == 0 || from == std::string_view::npos) return;
  const auto name = scan.rest().substr(0, from);
  if (std::all_of(name.begin(), name.end(), is_word)) scan.cut(from + 5);
}

// A frame has nothing else between an address, a `?` and the symbol.
bool frame_lead(std::string_view lead, bool& reliable) {
  Scan scan(lead);
  scan.blanks();
  skip_callee(scan);
  for (;;) {
    scan.blanks();
    if (scan.at_end()) return true;
    if (scan.take("?")) {
      reliable = false;
    } else if (scan.peek() == '[' || scan.peek() == '(') {
      const bool bracket = scan.peek() == '[';
      std::string_view inner;
      scan.cut(1);
      if (!scan.until(bracket ? "]" : ")", inner)) {
        if (inner.empty() && !bracket && scan.at_end()) return true;  // arm's `(func+0x..)`
        return false;
      }
      for (const char c : inner) {
        if (!is_word(c) && c != '<' && c != '>' && c != '.') return false;
      }
    } else if (scan.take("from") || scan.take("0x")) {
      continue;
    } else if (is_hex(scan.peek())) {
      const auto word = scan.word();
      if (word.size() < 8 || !std::all_of(word.begin(), word.end(), is_hex)) return false;
    } else {
      return false;
    }
  }
}

}  // namespace

bool plain_frame(std::string_view text, Frame& frame) {
  Scan scan(text);
  scan.blanks();
  const bool reliable = !scan.take("? ");
  std::size_t n = 0;
  while (n < scan.rest().size() && is_symbol(scan.rest()[n]) && scan.rest()[n] != ':') ++n;
  const auto name = scan.cut(n);
  if (name.empty() || name.size() > limits::symbol || is_digit(name.front())) return false;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  if (!scan.take("+0x") || !scan.hex(offset, limits::function_bytes) || !scan.take("/0x") ||
      !scan.hex(size, limits::function_bytes)) {
    return false;
  }
  if (!scan.at_end()) return false;
  frame.reliable = reliable;
  frame.function = name;
  frame.offset = offset;
  frame.size = size;
  return true;
}

namespace {

bool symbol_frame(std::string_view text, Frame& frame) {
  if (plain_frame(text, frame)) return true;
  const auto symbol = find_symbol(text);
  if (!symbol) return false;
  std::string_view lead = text.substr(0, symbol->begin);
  if (!lead.empty() && lead.back() == '(') lead.remove_suffix(1);
  bool reliable = true;
  if (!frame_lead(lead, reliable)) return false;
  frame.reliable = reliable;
  frame.function = symbol->name;
  frame.offset = symbol->offset;
  frame.size = symbol->size;
  Scan scan(text.substr(symbol->end));
  if (scan.at_end()) return true;
  scan.take(")");
  scan.take("()");
  frame.source = source_place(scan);
  scan.blanks();
  std::string_view inside;
  if (scan.take("[") && scan.until("]", inside)) {
    if (inside == "inline") {
      frame.inlined = true;
    } else {
      frame.module = inside.substr(0, std::min(inside.find(' '), limits::module));
    }
    scan.blanks();
  }
  if (scan.take("(unreliable)")) frame.reliable = false;
  return true;
}

// `func fs/file.c:12 [inline]`, as symbolising scripts print an inlined function.
bool inlined_frame(std::string_view text, Frame& frame) {
  if (text.find('.') == std::string_view::npos) return false;  // no file is named
  Scan scan(text);
  scan.blanks();
  std::string_view address;
  if (scan.take("[<") && (!scan.until(">]", address) || address.size() < 4)) return false;
  if (scan.take("[")) {
    if (!scan.take("inline]")) return false;
    frame.inlined = true;
  }
  scan.blanks();
  if (scan.take("?")) frame.reliable = false;
  scan.blanks();
  Scan before = scan;
  std::size_t n = 0;
  while (n < before.rest().size() && is_symbol(before.rest()[n])) ++n;
  const auto name = scan.cut(n);
  if (name.empty() || name.size() > limits::symbol || is_digit(name.front()) || name.back() == ':')
    return false;
  frame.source = source_place(scan);
  if (frame.source.empty()) return false;
  scan.blanks();
  if (scan.take("[inline]") || scan.take("(inline)")) frame.inlined = true;
  frame.function = name;
  if (!frame.inlined && !scan.at_end() && scan.peek() != '[') return false;
  return true;
}

}  // namespace

bool parse_frame(std::string_view text, Frame& frame) {
  return symbol_frame(text, frame) || inlined_frame(text, frame);
}

std::optional<Frame> parse_frame(std::string_view text) {
  Frame frame;
  if (!parse_frame(text, frame)) return std::nullopt;
  return frame;
}

std::string_view first_symbol(std::string_view text) {
  const auto symbol = find_symbol(text);
  return symbol ? symbol->name : std::string_view{};
}

}  // namespace hangar::log
