// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/word.h"

// JSON that another program may have damaged: everything here reports a wrong type, a missing key or broken
// syntax as a value. nlohmann's own at(), value() and get<T>() throw, so that files are not read with them.
namespace hangar {

/// Parses JSON. The error has the offset in bytes. Values nested deeper than any of our formats are refused,
/// because printing them would exhaust the stack.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);
/// As parse_json(), keeping the order of keys.
[[nodiscard]] Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text);
/// Reads and parses a file; errors begin with its path.
[[nodiscard]] Result<nlohmann::json> read_json(const fs::path& file);
/// The object in `text`; null where it is anything else. For cache entries and for lines of a guest, which
/// are ignored when they are damaged.
[[nodiscard]] nlohmann::json parse_object(std::string_view text);

/// What is wrong with a value: the path from the value that was read ("hangs[2].kind") and the fault.
struct JsonFault {
  std::string path;
  std::string what;

  /// The same fault, seen from the value that holds this one as `key`.
  [[nodiscard]] JsonFault below(const std::string& key) &&;
};

[[nodiscard]] JsonFault wrong_type(const nlohmann::json& value, const char* wanted);
/// "this is not a row: `hangs[2].kind` must be a string, not a number"; `kind` has its article.
[[nodiscard]] Error not_a(std::string_view kind, const JsonFault& fault);

class JsonReader;

namespace json_detail {

template <typename T>
constexpr bool is_optional = false;
template <typename T>
constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
constexpr bool is_vector = false;
template <typename T>
constexpr bool is_vector<std::vector<T>> = true;
template <typename T>
constexpr bool is_map = false;
template <typename T>
constexpr bool is_map<std::map<std::string, T>> = true;
template <typename T>
constexpr bool is_pair = false;
template <typename T, typename U>
constexpr bool is_pair<std::pair<T, U>> = true;

template <std::integral T>
std::optional<JsonFault> decode_integer(const nlohmann::json& in, T& into) {
  if (!in.is_number_integer()) return wrong_type(in, "an integer");
  const bool fits = in.is_number_unsigned() ? std::in_range<T>(*in.get_ptr<const std::uint64_t*>())
                                            : std::in_range<T>(*in.get_ptr<const std::int64_t*>());
  if (!fits) return JsonFault{"", "is an integer out of range"};
  into = in.is_number_unsigned() ? static_cast<T>(*in.get_ptr<const std::uint64_t*>())
                                 : static_cast<T>(*in.get_ptr<const std::int64_t*>());
  return std::nullopt;
}

}  // namespace json_detail

/// A struct with `read_fields(JsonReader&, T&)`: HANGAR_JSON_FIELDS makes one.
template <typename T>
concept JsonStruct = requires(JsonReader& in, T& value) {
  read_fields(in, value);
};
/// An enum with `bool from_word(const std::string&, T&)`: base/word.h, or its own.
template <typename T>
concept JsonWord = requires(const std::string& word, T& value) {
  { from_word(word, value) } -> std::same_as<bool>;
};

/// Reads a value of exactly this type; a duration is a whole number in its unit. On a fault `into` has an
/// unspecified value.
template <typename T>
std::optional<JsonFault> decode(const nlohmann::json& in, T& into);

/// Reads the members of one object and keeps the first fault.
class JsonReader {
 public:
  explicit JsonReader(const nlohmann::json& object) : object_(object) {
    if (!object.is_object()) fault_ = wrong_type(object, "an object");
  }

  /// A member that must be there.
  template <typename T>
  JsonReader& take(const char* key, T& into) {
    return take(key, into, /*required=*/true);
  }
  /// A member that other versions of Hangar do not write: absent or null, it leaves `into` alone.
  template <typename T>
  JsonReader& take_if(const char* key, T& into) {
    return take(key, into, /*required=*/false);
  }
  [[nodiscard]] bool has(const char* key) const { return object_.is_object() && object_.contains(key); }
  [[nodiscard]] const std::optional<JsonFault>& fault() const { return fault_; }
  /// Reports what the types do not say; only the first fault counts.
  void refuse(JsonFault fault) {
    if (!fault_) fault_ = std::move(fault);
  }
  /// Fine, or the error of not_a().
  [[nodiscard]] Result<void> done(std::string_view kind) const {
    return fault_ ? Result<void>(not_a(kind, *fault_)) : Result<void>();
  }

 private:
  template <typename T>
  JsonReader& take(const char* key, T& into, bool required) {
    if (fault_) return *this;
    const auto found = object_.find(key);
    if (found == object_.end()) {
      if (required) fault_ = JsonFault{key, "is missing"};
    } else if (required || !found->is_null()) {
      if (auto fault = decode(*found, into)) fault_ = std::move(*fault).below(key);
    }
    return *this;
  }

  const nlohmann::json& object_;
  std::optional<JsonFault> fault_;
};

template <typename T>
std::optional<JsonFault> decode(const nlohmann::json& in, T& into) {
  using namespace json_detail;
  if constexpr (std::is_same_v<T, nlohmann::json>) {
    into = in;
  } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
    std::int64_t count = 0;
    if (auto fault = decode(in, count)) return fault;
    into = T(count);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!in.is_boolean()) return wrong_type(in, "true or false");
    into = *in.get_ptr<const bool*>();
  } else if constexpr (std::integral<T>) {
    return decode_integer(in, into);
  } else if constexpr (std::floating_point<T>) {
    if (!in.is_number()) return wrong_type(in, "a number");
    into = in.get<T>();  // cannot throw: it is a number
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, fs::path>) {
    if (!in.is_string()) return wrong_type(in, "a string");
    into = *in.get_ptr<const std::string*>();
  } else if constexpr (is_optional<T>) {
    into.reset();
    if (!in.is_null()) return decode(in, into.emplace());
  } else if constexpr (is_vector<T>) {
    if (!in.is_array()) return wrong_type(in, "a list");
    into.clear();
    for (const auto& item : in) {
      if (auto fault = decode(item, into.emplace_back()))
        return std::move(*fault).below("[" + std::to_string(into.size() - 1) + "]");
    }
  } else if constexpr (is_map<T>) {
    if (!in.is_object()) return wrong_type(in, "an object");
    into.clear();
    for (const auto& [key, item] : in.items()) {
      if (auto fault = decode(item, into[key])) return std::move(*fault).below(key);
    }
  } else if constexpr (is_pair<T>) {
    if (!in.is_array() || in.size() != 2) return wrong_type(in, "a list of two");
    if (auto fault = decode(in[0], into.first)) return std::move(*fault).below("[0]");
    if (auto fault = decode(in[1], into.second)) return std::move(*fault).below("[1]");
  } else if constexpr (JsonWord<T>) {
    if (!in.is_string()) return wrong_type(in, "a string");
    const auto& word = *in.get_ptr<const std::string*>();
    if (!from_word(word, into)) return JsonFault{"", "is the unknown word `" + word + "`"};
  } else {
    static_assert(JsonStruct<T>, "no way to read this type from JSON");
    JsonReader members(in);
    read_fields(members, into);
    return members.fault();
  }
  return std::nullopt;
}

/// The whole value as a T; the error is that of not_a().
template <typename T>
Result<T> decode_as(const nlohmann::json& in, std::string_view kind) {
  T value{};
  if (const auto fault = decode(in, value)) return not_a(kind, *fault);
  return value;
}

/// The member of an object; none when it is absent, null or of another type.
template <typename T>
std::optional<T> field(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  T value{};
  if (found == object.end() || decode(*found, value)) return std::nullopt;
  return value;
}

/// What is not known is null in all of our formats: no value, or an empty text.
template <typename T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}
[[nodiscard]] nlohmann::ordered_json or_null(const std::string& text);

/// The text of a value; `indent` -1: on one line. Never throws, whatever bytes its strings hold: invalid
/// UTF-8 becomes U+FFFD. Everything beyond ASCII is escaped, because a terminal obeys U+009B as it obeys ESC
/// [.
[[nodiscard]] std::string json_text(const nlohmann::json& value, int indent = -1);
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace hangar

namespace nlohmann {

// Writing std::optional; in one header, so that all of the program has the same specialization.
template <typename T>
struct adl_serializer<std::optional<T>> {
  template <typename Json>
  static void to_json(Json& out, const std::optional<T>& value) {
    out = value ? Json(*value) : Json();
  }
};

// A duration is a whole number; the key names the unit ("deadline_ms").
template <>
struct adl_serializer<std::chrono::milliseconds> {
  template <typename Json>
  static void to_json(Json& out, std::chrono::milliseconds time) {
    out = time.count();
  }
};

// An enum of base/word.h is its word.
template <hangar::Worded E>
struct adl_serializer<E, void> {
  template <typename Json>
  static void to_json(Json& out, E value) {
    out = hangar::to_string(value);
  }
};

}  // namespace nlohmann

// Defines to_json() and read_fields() for a struct from one list of its members, so that what is written is
// also read. The members must all be there, or with _IF may be absent.
#define HANGAR_JSON_PUT_(name) out[#name] = value.name;
#define HANGAR_JSON_TAKE_(name) in.take(#name, value.name);
#define HANGAR_JSON_TAKE_IF_(name) in.take_if(#name, value.name);
#define HANGAR_JSON_FIELDS_(Type, take_one, ...)                             \
  static void to_json(nlohmann::json& out, const Type& value) {              \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(HANGAR_JSON_PUT_, __VA_ARGS__)) \
  }                                                                          \
  static void read_fields(::hangar::JsonReader& in, Type& value) {           \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(take_one, __VA_ARGS__))         \
  }
#define HANGAR_JSON_FIELDS(Type, ...) HANGAR_JSON_FIELDS_(Type, HANGAR_JSON_TAKE_, __VA_ARGS__)
#define HANGAR_JSON_FIELDS_IF(Type, ...) HANGAR_JSON_FIELDS_(Type, HANGAR_JSON_TAKE_IF_, __VA_ARGS__)
