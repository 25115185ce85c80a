// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/yaml.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

// One line of `text`, counted from 0.
std::string_view line_at(std::string_view text, int line) {
  const auto lines = split(text, '\n');
  return line >= 0 && static_cast<size_t>(line) < lines.size() ? lines[static_cast<size_t>(line)]
                                                               : std::string_view();
}

constexpr size_t longest_message = 1000;
constexpr size_t longest_excerpt = 100;  // of a line, in bytes
constexpr size_t excerpt_before = 60;    // of them before the column, at most

bool continues_utf8(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The nearest beginning of a character at or before `at`.
size_t character_at(std::string_view line, size_t at) {
  while (at > 0 && at < line.size() && continues_utf8(line[at])) --at;
  return at;
}

// The line and a caret below the column. Of a long line only what is around the column.
std::string excerpt(std::string_view line, size_t column) {
  column = std::min(column, line.size());
  const bool cut = line.size() > longest_excerpt;
  const size_t begin = cut && column > excerpt_before ? character_at(line, column - excerpt_before) : 0;
  const size_t end = cut ? character_at(line, std::min(line.size(), begin + longest_excerpt)) : line.size();
  const std::string before =
      (begin > 0 ? "…" : "") + sanitize_for_terminal(line.substr(begin, column - begin));
  const std::string after =
      sanitize_for_terminal(line.substr(column, end - column)) + (end < line.size() ? "…" : "");
  const auto caret_at =
      std::count_if(before.begin(), before.end(), [](char c) { return !continues_utf8(c); });
  return fmt::format("  {}{}\n  {:>{}}", before, after, "^", caret_at + 1);
}

Error located(const std::string& name, std::string_view text, const YAML::Mark& mark,
              const std::string& message) {
  const std::string what = ellipsize(message, longest_message);
  if (mark.is_null()) return user_error(fmt::format("{}: {}", name, what));
  return user_error(fmt::format("{}:{}:{}: {}", name, mark.line + 1, mark.column + 1, what),
                    excerpt(line_at(text, mark.line), static_cast<size_t>(mark.column)));
}

constexpr size_t longest_name = 64;

}  // namespace

bool is_name(std::string_view name) {
  constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return !name.empty() && name.size() <= longest_name &&
         alphanumeric.find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(std::string(alphanumeric) + "._+-") == std::string_view::npos;
}

struct Yaml::Document {
  std::string name;
  std::string text;
};

struct Yaml::Place {
  std::shared_ptr<const Document> document;
  YAML::Node node;
};

Result<Yaml> Yaml::load(const fs::path& path) {
  TRY_ASSIGN(const std::string text, read_file(path, max_yaml_bytes));
  return parse(text, path.string());
}

Result<Yaml> Yaml::parse(std::string_view text, const std::string& name) {
  auto document = std::make_shared<Document>(Document{name, std::string(text)});
  try {
    YAML::Node node = YAML::Load(document->text);
    if (node.IsNull()) return user_error(fmt::format("{}: the file is empty", name));
    return Yaml(std::make_shared<Place>(Place{document, node}));
  } catch (const YAML::Exception& failure) {
    return located(name, document->text, failure.mark, failure.msg);
  }
}

bool Yaml::is_map() const {
  return place_->node.IsMap();
}
bool Yaml::is_list() const {
  return place_->node.IsSequence();
}
bool Yaml::is_scalar() const {
  return place_->node.IsScalar();
}
bool Yaml::is_null() const {
  return place_->node.IsNull();
}

Result<void> Yaml::only_keys(const std::vector<std::string>& known) const {
  if (!is_map()) return error("expected keys and values here");
  std::map<std::string, int> first_lines;
  for (const auto& entry : place_->node) {
    const Yaml key(std::make_shared<Place>(Place{place_->document, entry.first}));
    const std::string name = key.raw();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string hint = did_you_mean(name, known);
      return key.error(fmt::format("unknown key `{}`{}", name,
                                   hint.empty() ? fmt::format("; known here: {}", join(known, ", ")) : hint));
    }
    const auto [first, is_new] = first_lines.emplace(name, entry.first.Mark().line + 1);
    if (!is_new) return key.error(fmt::format("duplicate key `{}` (first at line {})", name, first->second));
  }
  return {};
}

std::optional<Yaml> Yaml::get(const std::string& key) const {
  if (!is_map()) return std::nullopt;
  const YAML::Node& map = place_->node;  // a const node: looking up must not insert
  const YAML::Node value = map[key];
  if (!value) return std::nullopt;
  return Yaml(std::make_shared<Place>(Place{place_->document, value}));
}

Result<Yaml> Yaml::need(const std::string& key) const {
  auto value = get(key);
  if (!value) return error(fmt::format("the key `{}` is missing", key));
  return *value;
}

std::vector<std::pair<std::string, Yaml>> Yaml::entries() const {
  std::vector<std::pair<std::string, Yaml>> all;
  if (!is_map()) return all;
  for (const auto& entry : place_->node) {
    all.emplace_back(entry.first.IsScalar() ? entry.first.Scalar() : "",
                     Yaml(std::make_shared<Place>(Place{place_->document, entry.second})));
  }
  return all;
}

std::vector<Yaml> Yaml::items() const {
  if (is_null()) return {};
  if (!is_list()) return {*this};
  std::vector<Yaml> all;
  for (const auto& item : place_->node)
    all.push_back(Yaml(std::make_shared<Place>(Place{place_->document, item})));
  return all;
}

Result<std::string> Yaml::text() const {
  if (!is_scalar()) return error("expected a word or a text here");
  return place_->node.Scalar();
}

Result<std::string> Yaml::name() const {
  TRY_ASSIGN(std::string word, text());
  if (is_name(word)) return word;
  return error(fmt::format("`{}` is not a name: expected {}", ellipsize(word, longest_name), name_rule));
}

Result<std::string> Yaml::title() const {
  constexpr size_t longest = 200;
  TRY_ASSIGN(std::string line, text());
  if (line.empty() || line.size() > longest || sanitize_for_terminal(line) != line)
    return error(fmt::format("expected 1 to {} characters on one line here", longest));
  return line;
}

Result<std::string> Yaml::one_of(const std::vector<std::string>& known) const {
  TRY_ASSIGN(std::string word, text());
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  return error(
      fmt::format("invalid value `{}` (expected {}){}", word, join(known, ", "), did_you_mean(word, known)));
}

Result<std::vector<std::string>> Yaml::texts() const {
  std::vector<std::string> all;
  for (const Yaml& item : items()) {
    TRY_ASSIGN(std::string text, item.text());
    all.push_back(std::move(text));
  }
  return all;
}

Result<std::int64_t> Yaml::integer() const {
  std::int64_t value = 0;
  if (!is_scalar() || !YAML::convert<std::int64_t>::decode(place_->node, value))
    return error("expected a whole number here");
  return value;
}

Result<double> Yaml::number() const {
  double value = 0;
  if (!is_scalar() || !YAML::convert<double>::decode(place_->node, value) || !std::isfinite(value))
    return error("expected a number here");
  return value;
}

Result<bool> Yaml::boolean() const {
  bool value = false;
  if (!is_scalar() || !YAML::convert<bool>::decode(place_->node, value))
    return error("expected true or false here");
  return value;
}

Result<std::chrono::milliseconds> Yaml::duration() const {
  auto value = parse_duration(raw());
  if (!value) return error(value.error().message);
  return value;
}

Result<std::uint64_t> Yaml::size() const {
  auto value = parse_size(raw());
  if (!value) return error(value.error().message);
  return value;
}

Error Yaml::error(const std::string& message) const {
  return located(place_->document->name, place_->document->text, place_->node.Mark(), message);
}

std::string Yaml::raw() const {
  return is_scalar() ? place_->node.Scalar() : "";
}

}  // namespace hangar
