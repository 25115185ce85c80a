// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/config/kconfig.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

size_t indent_of(std::string_view line) {
  size_t columns = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t') break;
    columns = c == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
  }
  return columns;
}

// `word` and the rest of a line, without the comment behind it.
struct Line {
  std::string word;
  std::string rest;
};

std::string without_comment(std::string_view text) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '#') {
      return std::string(trim(text.substr(0, i)));
    }
  }
  return std::string(trim(text));
}

Line line_of(std::string_view text) {
  const std::string plain = without_comment(text);
  const size_t end = std::min(plain.find_first_of(" \t\"("), plain.size());
  return {plain.substr(0, end), std::string(trim(std::string_view(plain).substr(end)))};
}

// The text between the first pair of quotes; "" if there is none.
std::string first_quoted(std::string_view text) {
  const size_t begin = text.find_first_of("\"'");
  if (begin == std::string_view::npos) return "";
  const size_t end = text.find(text[begin], begin + 1);
  return std::string(text.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1));
}

std::string unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  for (const char* name : {"$(SRCARCH)", "$SRCARCH", "$(HEADER_ARCH)"}) {
    if (const size_t at = text.find(name); at != std::string::npos)
      text.replace(at, std::string_view(name).size(), "x86");
  }
  return text;
}

class Reader {
 public:
  Reader(const KconfigFiles& files, Kconfig& out) : files_(files), out_(out) {}

  void read(const std::string& path) {
    // A file may be included in several places, but not in itself.
    if (std::find(open_.begin(), open_.end(), path) != open_.end() || open_.size() > 50) return;
    // Files that source two others each are read a number of times that doubles with each level.
    if (files_read_ == most_files) return;
    ++files_read_;
    const auto text = files_(path);
    if (!text) return;
    open_.push_back(path);
    const size_t outer = around_.size();
    std::string joined;
    bool help = false;
    size_t help_indent = 0;
    bool help_begins = false;
    for (std::string_view line : split(*text, '\n')) {
      if (joined.empty() && help) {
        if (trim(line).empty()) continue;
        if (help_begins) help_indent = indent_of(line);
        help_begins = false;
        if (indent_of(line) >= help_indent && help_indent > 0) continue;
        help = false;
      }
      if (!line.empty() && line.back() == '\\') {
        joined.append(line.substr(0, line.size() - 1)).append(" ");
        continue;
      }
      joined.append(line);
      const Line parsed = line_of(joined);
      joined.clear();
      help = help_begins = parsed.word == "help" || parsed.word == "---help---";
      if (!help) take(parsed);
    }
    around_.resize(outer);
    open_.pop_back();
    current_ = nullptr;
  }

 private:
  static constexpr int most_files =
      4'000;  // Linux 6.1 has 1704; a file that sources itself in branches takes seconds

  void take(const Line& line) {
    const auto& word = line.word;
    if (word == "config" || word == "menuconfig") return begin_symbol(line.rest);
    if (word == "if" || word == "menu" || word == "choice") {
      current_ = nullptr;
      in_comment_ = false;
      Block block{word, word == "if" ? line.rest : "", ""};
      if (word == "menu") block.title = first_quoted(line.rest);
      around_.push_back(std::move(block));
      return;
    }
    if (word == "endif" || word == "endmenu" || word == "endchoice") {
      current_ = nullptr;
      if (!around_.empty()) around_.pop_back();
      return;
    }
    if (word == "comment" || word == "mainmenu") {
      current_ = nullptr;
      in_comment_ = true;
      return;
    }
    if (word == "source") {
      current_ = nullptr;
      return read(unquoted(line.rest));
    }
    take_attribute(line);
  }

  void begin_symbol(const std::string& name) {
    name_ = name;
    in_comment_ = false;
    auto& symbol = out_.symbols[name];
    symbol.definitions.emplace_back();
    current_ = &symbol.definitions.back();
    for (const auto& block : around_) {
      if (!block.condition.empty()) current_->conditions.push_back(block.condition);
      if (block.word == "menu") current_->menu.push_back(block.title);
      if (block.word == "choice") current_->choice = block.title;
    }
  }

  void take_attribute(const Line& line) {
    if (line.word == "depends") {
      const std::string condition(
          trim(std::string_view(line.rest).substr(std::min<size_t>(2, line.rest.size()))));
      if (current_ != nullptr) {
        current_->conditions.push_back(condition);
      } else if (!in_comment_ && !around_.empty()) {
        auto& menu = around_.back().condition;  // of the menu or choice that has just begun
        menu = menu.empty() ? condition : fmt::format("({}) && ({})", menu, condition);
      }
      return;
    }
    if (current_ == nullptr) {
      const bool titles = line.word == "prompt" && !around_.empty() && around_.back().word == "choice";
      if (titles) around_.back().title = first_quoted(line.rest);
      return;
    }
    const bool typed = line.word == "bool" || line.word == "tristate" || line.word == "int" ||
                       line.word == "hex" || line.word == "string" || line.word == "prompt";
    if (typed && !line.rest.empty()) {
      current_->has_prompt = true;
      current_->prompt = first_quoted(line.rest);
    }
    if (line.word == "select") {
      const size_t end = std::min(line.rest.find(' '), line.rest.size());
      out_.symbols[line.rest.substr(0, end)].selected_by.push_back(name_);
    }
  }

  // An `if`, a menu or a choice that is open.
  struct Block {
    std::string word;
    std::string condition;
    std::string title;
  };

  const KconfigFiles& files_;
  Kconfig& out_;
  std::vector<std::string> open_;
  int files_read_ = 0;
  std::vector<Block> around_;
  std::string name_;
  KconfigSymbol::Definition* current_ = nullptr;
  bool in_comment_ = false;
};

// "which is off" for a lone symbol, "which does not hold" for anything longer.
std::string clause(const std::vector<std::string>& unmet) {
  std::vector<std::string> parts;
  parts.reserve(unmet.size());
  for (const auto& term : unmet) {
    const bool lone = term.find_first_of(" !=") == std::string::npos;
    parts.push_back(fmt::format("{} ({})", term, lone ? "which is off" : "which does not hold"));
  }
  return join(parts, " and ");
}

std::string why_on(const KconfigSymbol& symbol, const Config& granted) {
  std::vector<std::string> selecting;
  for (const auto& other : symbol.selected_by) {
    const auto found = granted.find(other);
    if (found != granted.end() && found->second != "n") selecting.push_back(other);
  }
  if (!selecting.empty()) return "it is selected by " + join(selecting, ", ");
  return "something else turns it on";
}

}  // namespace

Kconfig read_kconfig(const KconfigFiles& files) {
  Kconfig kconfig;
  Reader(files, kconfig).read("Kconfig");
  return kconfig;
}

Kconfig read_kconfig(const fs::path& tree) {
  return read_kconfig([&](const std::string& path) -> std::optional<std::string> {
    auto text = read_file(tree / path);
    if (!text) return std::nullopt;
    return std::move(*text);
  });
}

std::string explain(const Kconfig& kconfig, const Refusal& refusal, const Config& granted) {
  const auto found = kconfig.symbols.find(refusal.symbol);
  if (found == kconfig.symbols.end() || found->second.definitions.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, symbol] : kconfig.symbols)
      if (!symbol.definitions.empty()) names.push_back(name);
    return "this kernel version has no such symbol" + did_you_mean(refusal.symbol, names);
  }
  const KconfigSymbol& symbol = found->second;
  if (refusal.asked == "n") return why_on(symbol, granted);
  std::vector<std::string> fewest;
  bool first = true;
  bool prompt = false;
  for (const auto& definition : symbol.definitions) {
    std::vector<std::string> unmet;
    for (const auto& condition : definition.conditions)
      for (auto& term : unmet_terms(condition, granted)) unmet.push_back(std::move(term));
    prompt = prompt || definition.has_prompt;
    if (first || unmet.size() < fewest.size()) fewest = std::move(unmet);
    first = false;
  }
  if (!fewest.empty()) return "it needs " + clause(fewest);
  if (!prompt) {
    return symbol.selected_by.empty()
               ? "it has no prompt: its value follows from others"
               : "it has no prompt: only " + join(symbol.selected_by, ", ") + " can select it";
  }
  return "another choice, a limit or a later default overrides it";
}

}  // namespace hangar::kernel
