// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/base/word.h"

// A YAML document, parsed by yaml-cpp and read strictly: every complaint shows file:line:column, the line, a
// caret and a hint, and an unknown key is an error. yaml-cpp has positions, leaves the rest to its callers,
// and throws.
namespace hangar {

// Whether `name` may become a part of paths: at most 64 letters, digits and . _ + -, the first a letter or a
// digit.
[[nodiscard]] bool is_name(std::string_view name);
// The rule of is_name(), for messages.
inline constexpr std::string_view name_rule =
    "at most 64 letters, digits and . _ + -, the first a letter or a digit";

class Yaml {
 public:
  [[nodiscard]] static Result<Yaml> load(const fs::path& path);
  // `name` is the file's name in messages.
  [[nodiscard]] static Result<Yaml> parse(std::string_view text, const std::string& name);

  [[nodiscard]] bool is_map() const;
  [[nodiscard]] bool is_list() const;
  [[nodiscard]] bool is_scalar() const;
  [[nodiscard]] bool is_null() const;

  // An error unless this is a map with no other keys than these (and each at most once).
  [[nodiscard]] Result<void> only_keys(const std::vector<std::string>& known) const;
  [[nodiscard]] std::optional<Yaml> get(const std::string& key) const;
  // The value, or an error that names the missing key.
  [[nodiscard]] Result<Yaml> need(const std::string& key) const;
  [[nodiscard]] std::vector<std::pair<std::string, Yaml>> entries() const;
  // The items of a list; a lone scalar or map counts as a list of one; null as an empty one.
  [[nodiscard]] std::vector<Yaml> items() const;

  [[nodiscard]] Result<std::string> text() const;
  // The text, which must be a name (is_name()).
  [[nodiscard]] Result<std::string> name() const;
  // A text for one line, such as the name of a setting: at most 200 bytes without control
  // characters.
  [[nodiscard]] Result<std::string> title() const;
  // The text, which must be one of `known`.
  [[nodiscard]] Result<std::string> one_of(const std::vector<std::string>& known) const;
  // The value of E that the text names.
  template <Worded E>
  [[nodiscard]] Result<E> one_of() const {
    TRY_ASSIGN(const std::string word, one_of(all_words<E>()));
    return *from_word<E>(word);
  }
  [[nodiscard]] Result<std::vector<std::string>> texts() const;
  [[nodiscard]] Result<std::int64_t> integer() const;
  [[nodiscard]] Result<double> number() const;
  [[nodiscard]] Result<bool> boolean() const;
  [[nodiscard]] Result<std::chrono::milliseconds> duration() const;
  [[nodiscard]] Result<std::uint64_t> size() const;

  // An error at this place.
  [[nodiscard]] Error error(const std::string& message) const;
  // The plain scalar, for messages; "" for anything else.
  [[nodiscard]] std::string raw() const;

 private:
  struct Document;
  struct Place;
  explicit Yaml(std::shared_ptr<const Place> place) : place_(std::move(place)) {}
  std::shared_ptr<const Place> place_;
};

}  // namespace hangar
