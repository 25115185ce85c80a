// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/extract.h"

#include <algorithm>

#include "harness/log/crash/blame.h"
#include "harness/log/parse/frame.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// One run of letters and digits: a number becomes NUM, an address ADDR.
void general_word(std::string_view word, std::string& out) {
  const bool prefixed = word.starts_with("0x") && word.size() > 2;
  const auto body = prefixed ? word.substr(2) : word;
  const bool digits = std::all_of(body.begin(), body.end(), is_digit);
  const bool hex = std::all_of(body.begin(), body.end(), is_hex);
  if (digits && !prefixed) {
    out += "NUM";
  } else if (hex && (prefixed || body.size() >= 8)) {
    out += "ADDR";
  } else {
    // Digits behind a name are a device or loop number: loop0, eth1.
    std::size_t letters = word.size();
    while (letters > 0 && is_digit(word[letters - 1])) --letters;
    out += word.substr(0, letters);
    if (letters < word.size()) out += "NUM";
  }
}

// `file.c:123`: `at` is the colon.
bool is_source_line(std::string_view text, std::size_t at) {
  if (text[at] != ':' || at < 3 || at + 1 >= text.size() || !is_digit(text[at + 1])) return false;
  return text[at - 2] == '.' && (text[at - 1] == 'c' || text[at - 1] == 'h' || text[at - 1] == 'S');
}

}  // namespace

std::string general_text(std::string_view text) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size() && out.size() < 160) {
    if (text.substr(i).starts_with("+0x")) {  // an offset into a function has no meaning
      i += 3;
      while (i < text.size() && is_hex(text[i])) ++i;
      if (text.substr(i).starts_with("/0x")) {
        i += 3;
        while (i < text.size() && is_hex(text[i])) ++i;
      }
      continue;
    }
    if (is_source_line(text, i)) {
      out += ":LINE";
      for (++i; i < text.size() && is_digit(text[i]);) ++i;
      continue;
    }
    if (!is_word(text[i])) {
      out += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    general_word(text.substr(i, end - i), out);
    i = end;
  }
  return std::string(trim_right(out));
}

std::string extract_rest(std::string_view rest, const Report&, std::size_t) {
  return general_text(trim_left(rest));
}

std::string extract_word(std::string_view rest, const Report&, std::size_t) {
  Scan scan(rest);
  scan.blanks();
  std::string_view word = scan.word();
  while (!word.empty() && (word.back() == ',' || word.back() == ':')) word.remove_suffix(1);
  return std::string(word);
}

std::string extract_kasan(std::string_view rest, const Report& report, std::size_t header) {
  std::string_view what = rest.substr(0, rest.find(" in "));
  what = what.substr(0, what.find(" on "));
  if (what.starts_with("double-free or invalid-free")) what = "invalid-free";
  std::string out(what);
  if (what.starts_with("use after free") || what.starts_with("out of bounds"))  // before 4.4
    std::replace(out.begin(), out.end(), ' ', '-');
  const bool frees = contains(out, "free") && !contains(out, "use-after-free");
  if (frees) return out;
  // The next line has the direction; blank lines may precede it.
  for (std::size_t i = header + 1; i < report.size() && i <= header + 6; ++i) {
    const std::string_view text = report[i].text;
    if (text.empty()) continue;
    if (text.starts_with("Read ")) return out + " Read";
    if (text.starts_with("Write ")) return out + " Write";
    if (contains(text, "WARNING: ") || contains(text, "BUG: ")) break;
  }
  return out;
}

std::string extract_until_in(std::string_view rest, const Report&, std::size_t) {
  return std::string(rest.substr(0, rest.find(" in ")));
}

std::string extract_behind_taint(std::string_view rest, const Report&, std::size_t) {
  const auto at = rest.find("): ");
  return at == std::string_view::npos ? std::string() : general_text(rest.substr(at + 3));
}

std::string extract_next_line(std::string_view, const Report& report, std::size_t header) {
  return header + 1 < report.size() ? general_text(report[header + 1].text) : std::string();
}

std::string extract_until_at(std::string_view rest, const Report&, std::size_t) {
  return general_text(rest.substr(0, rest.find(" at ")));
}

std::string extract_symbol(std::string_view rest, const Report& report, std::size_t header) {
  if (const auto symbol = first_symbol(rest); !symbol.empty()) return plain_name(symbol);
  const auto blame = blame_inner(report_frames(report, header + 1), skip_none);
  return blame.function.empty() ? "corrupted" : plain_name(blame.function);
}

std::string extract_until_on(std::string_view rest, const Report&, std::size_t) {
  return std::string(rest.substr(0, rest.find(" on CPU")));
}

std::string extract_leaked(std::string_view rest, const Report& report, std::size_t header) {
  constexpr std::string_view words = "last function: ";
  auto what = general_text(rest.substr(0, rest.find(':')));
  if (header + 1 >= report.size()) return what;
  const std::string_view next = report[header + 1].text;
  const auto at = next.find(words);
  if (at == std::string_view::npos) return what;
  const auto name = next.substr(at + words.size());
  return what + " in " + plain_name(name.substr(0, name.find_first_of("+ ")));
}

std::string extract_severity(std::string_view, const Report& report, std::size_t header) {
  return contains(report[header].text, "WARNING: ") ? "WARNING" : "BUG";
}

std::string extract_panic(std::string_view rest, const Report&, std::size_t) {
  if (rest.starts_with(":")) rest.remove_prefix(1);
  auto reason = trim_left(rest);
  reason = reason.substr(0, reason.find(" --- "));
  for (const std::string_view tail :
       {" for ptm", " in interrupt", "! exitcode=", " exitcode=", ". Try passing"}) {
    reason = reason.substr(0, reason.find(tail) == std::string_view::npos
                                  ? reason.size()
                                  : reason.find(tail) + (tail[0] == '!' ? 1 : 0));
  }
  if (reason.starts_with("kernel: ")) reason.remove_prefix(8);
  auto text = general_text(reason);
  while (!text.empty() && (text.back() == '.' || text.back() == ':')) text.pop_back();
  return text;
}

std::string extract_race(std::string_view rest, const Report&, std::size_t) {
  std::string out;
  Scan scan(rest);
  std::string_view kind;
  if (!scan.until(" in ", kind)) return std::string(rest);
  out = std::string(kind) + " in ";
  std::string_view places = scan.rest();
  bool first = true;
  while (!places.empty()) {
    const auto slash = places.find(" / ");
    const auto place = places.substr(0, slash);
    if (!first) out += " / ";
    first = false;
    out += plain_name(place.substr(0, place.find("+0x")));
    if (slash == std::string_view::npos) break;
    places.remove_prefix(slash + 3);
  }
  return out;
}

std::string extract_bracket(std::string_view rest, const Report&, std::size_t) {
  const auto open = rest.rfind('[');
  const auto close = rest.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return std::string(rest.substr(open, close - open + 1));
}

// `trusty: panic (caller 0xffffffffe0002314): failed(-5) to start app 6`
std::string extract_trusty(std::string_view rest, const Report&, std::size_t) {
  Scan scan(rest);
  std::string_view skipped;
  if (!scan.until("ASSERT FAILED at (", skipped) || !scan.skip_past("): "))
    return "panic" + general_text(rest.substr(std::min(rest.size(), rest.find("): ") + 1)));
  return "ASSERT FAILED: " + std::string(trim_right(scan.rest()));
}

}  // namespace hangar::log
