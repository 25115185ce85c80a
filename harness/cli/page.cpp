// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/page.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "harness/base/text.h"
#include "harness/cli/terminal.h"

namespace hangar::cli {
namespace {

// "- " or "12. " at the head of a line that is trimmed; 0: it begins no item.
size_t marker_length(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return 2;
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto digits = static_cast<size_t>(std::find_if_not(line.begin(), line.end(), digit) - line.begin());
  return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

// Links keep their text, bold words lose their asterisks; text in backquotes is not changed.
std::string without_marks(std::string_view text) {
  std::string out;
  bool code = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '`') code = !code;
    const size_t middle = text[at] == '[' ? text.find("](", at) : std::string_view::npos;
    const size_t end = middle == std::string_view::npos ? middle : text.find(')', middle);
    if (!code && end != std::string_view::npos) {
      out += text.substr(at + 1, middle - at - 1);
      at = end;
    } else if (!code && text.substr(at, 2) == "**") {
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

// The cells of a table's line; a bar behind a backslash or within backquotes is text.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool code = false;
  for (size_t at = 1; at < line.size(); ++at) {
    const bool escaped = line[at] == '\\' && at + 1 < line.size() && line[at + 1] == '|';
    if (escaped) ++at;
    if (line[at] == '`') code = !code;
    if (line[at] == '|' && !escaped && !code) {
      cells.emplace_back();
    } else {
      cells.back() += line[at];
    }
  }
  cells.pop_back();  // what follows the last bar
  for (std::string& cell : cells) cell = without_marks(trim(cell));
  return cells;
}

bool is_rule(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return cell.find_first_not_of("-: ") == std::string::npos;
  });
}

class PageWriter {
 public:
  explicit PageWriter(size_t width) : width_(width) {}

  void line(std::string_view raw) {
    const std::string_view text = trim(raw);
    if (text.starts_with("```")) {
      flush();
      code_ = !code_;
    } else if (code_ || (raw.starts_with("    ") && paragraph_.empty())) {
      flush();
      out_ += raw.empty() ? "\n" : std::string(code_ ? "    " : "") + std::string(raw) + "\n";
    } else if (text.starts_with("<!--") && text.ends_with("-->")) {
      flush();
    } else if (text.starts_with("|")) {
      if (table_.empty()) flush();
      table_.push_back(cells_of(text));
    } else if (text.empty()) {
      flush();
      if (!out_.empty() && !out_.ends_with("\n\n")) out_ += "\n";
    } else {
      prose(raw, text);
    }
  }

  std::string finish() {
    flush();
    return std::move(out_);
  }

 private:
  static constexpr const char* body = "  ";

  void prose(std::string_view raw, std::string_view text) {
    const size_t marker = marker_length(text);
    if (text.starts_with("#")) return heading(text);
    if (marker > 0 || !table_.empty()) flush();
    if (paragraph_.empty()) {
      first_ = raw.find_first_not_of(' ');
      hanging_ = first_ + marker;
    }
    paragraph_ += (paragraph_.empty() ? "" : " ") + std::string(text);
  }

  // At the margin; what follows is indented.
  void heading(std::string_view text) {
    flush();
    margin_.clear();
    wrapped(without_marks(trim(text.substr(text.find_first_not_of('#')))), 0, 0);
    margin_ = body;
  }

  void emit(const std::string& line) { out_ += line.empty() ? "\n" : margin_ + line + "\n"; }

  void wrapped(const std::string& text, size_t first, size_t hanging) {
    size_t indent = first;
    // The first line has less of an indent, and the marker in its place.
    for (const std::string& part : wrap_words(text, width_ - margin_.size() - hanging)) {
      emit(std::string(indent, ' ') + part);
      indent = hanging;
    }
  }

  void flush() {
    if (!paragraph_.empty()) wrapped(without_marks(paragraph_), first_, hanging_);
    paragraph_.clear();
    if (!table_.empty()) write_table();
    table_.clear();
  }

  // Side by side when that fits, else a row after the other.
  void write_table() {
    std::erase_if(table_, is_rule);
    std::vector<size_t> widths;
    for (const auto& row : table_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    size_t used = 0;
    for (size_t i = 0; i + 1 < widths.size(); ++i) used += widths[i] + 2;
    constexpr size_t readable = 30;
    const bool fits =
        used + std::min(readable, widths.empty() ? 0 : widths.back()) <= width_ - margin_.size();
    for (size_t i = 0; i < table_.size(); ++i) {
      if (fits) {
        side_by_side(table_[i], widths, used);
      } else if (i > 0) {
        below(table_[0], table_[i]);
      }
    }
  }

  void side_by_side(const std::vector<std::string>& row, const std::vector<size_t>& widths, size_t used) {
    std::string line;
    for (size_t i = 0; i + 1 < row.size(); ++i)
      line += row[i] + std::string(widths[i] + 2 - row[i].size(), ' ');
    for (const std::string& part :
         wrap_words(row.empty() ? "" : row.back(), width_ - margin_.size() - used)) {
      line += part;
      emit(line.substr(0, line.find_last_not_of(' ') + 1));
      line = std::string(used, ' ');
    }
  }

  void below(const std::vector<std::string>& head, const std::vector<std::string>& row) {
    constexpr size_t indent = 4;
    if (row.empty()) return;
    wrapped(row[0], 0, indent);
    for (size_t i = 1; i < row.size(); ++i) {
      const bool named = row.size() > 2 && i < head.size() && !head[i].empty();
      if (!row[i].empty()) wrapped((named ? head[i] + ": " : "") + row[i], indent, indent + 2);
    }
  }

  size_t width_;
  std::string margin_;
  std::string out_;
  std::string paragraph_;
  size_t first_ = 0;    // columns before the paragraph's first line
  size_t hanging_ = 0;  // columns before its other lines
  std::vector<std::vector<std::string>> table_;
  bool code_ = false;
};

}  // namespace

std::string render_page(std::string_view markdown, size_t width) {
  PageWriter writer(width);
  for (const std::string_view line : split(markdown, '\n')) writer.line(line);
  std::string page = writer.finish();
  page.erase(page.find_last_not_of('\n') + 1);
  return page + "\n";
}

}  // namespace hangar::cli
