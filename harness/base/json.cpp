// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/json.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"

namespace hangar {
namespace {

constexpr int max_depth = 100;
constexpr size_t longest_complaint = 200;

int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++at;
    if (quoted) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest;
}

// nlohmann's "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ..."
// without what only its authors need.
std::string complaint_of(const nlohmann::json::exception& failure) {
  std::string text = failure.what();
  // "[json.exception.out_of_range.406] number overflow ...", "[json.exception.parse_error.101] parse error at
  // ...: "
  if (const size_t at = text.find("] "); text.starts_with("[json.exception.") && at != std::string::npos)
    text.erase(0, at + 2);
  if (const size_t at = text.find(": "); text.starts_with("parse error") && at != std::string::npos)
    text.erase(0, at + 2);
  if (text.size() > longest_complaint) text = text.substr(0, longest_complaint) + "...";
  return text;
}

template <typename Json>
Result<Json> parse(std::string_view text) {
  if (text.empty()) return user_error("not JSON: it is empty");
  if (depth_of(text) > max_depth)
    return user_error(fmt::format("not JSON of Hangar: it is nested deeper than {} levels", max_depth));
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& failure) {
    return user_error(fmt::format("not JSON: byte {}: {}", failure.byte, complaint_of(failure)));
  } catch (const nlohmann::json::exception& failure) {  // a number that is out of range
    return user_error("not JSON of Hangar: " + complaint_of(failure));
  }
}

const char* name_of_type(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::null:
      return "null";
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::array:
      return "a list";
    case nlohmann::json::value_t::string:
      return "a string";
    case nlohmann::json::value_t::boolean:
      return "true or false";
    default:
      return value.is_number_integer() ? "an integer" : "a number";
  }
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  return parse<nlohmann::json>(text);
}

Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text) {
  return parse<nlohmann::ordered_json>(text);
}

Result<nlohmann::json> read_json(const fs::path& file) {
  TRY_ASSIGN(const std::string text, read_file(file));
  auto parsed = parse_json(text);
  if (!parsed) return std::move(parsed).error().within(file.string());
  return parsed;
}

nlohmann::json parse_object(std::string_view text) {
  if (depth_of(text) > max_depth) return {};
  auto parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : nlohmann::json();
}

JsonFault JsonFault::below(const std::string& key) && {
  const bool joins = path.empty() || path.front() == '[';
  return {key + (joins ? "" : ".") + path, std::move(what)};
}

JsonFault wrong_type(const nlohmann::json& value, const char* wanted) {
  return {"", fmt::format("must be {}, not {}", wanted, name_of_type(value))};
}

Error not_a(std::string_view kind, const JsonFault& fault) {
  return user_error(fault.path.empty()
                        ? fmt::format("this is not {}: it {}", kind, fault.what)
                        : fmt::format("this is not {}: `{}` {}", kind, fault.path, fault.what));
}

nlohmann::ordered_json or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

std::string json_text(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
}

std::string json_text(const nlohmann::ordered_json& value, int indent) {
  return value.dump(indent, ' ', /*ensure_ascii=*/true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace hangar
