// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Enums whose values files, options and messages name by words. One table serves writing and reading.
namespace hangar {

/// Specialised for such an enum: its words, in the order of its values, which count from 0.
///   template <> inline constexpr auto words_of<Accel> = std::to_array<std::string_view>({"kvm", "tcg"});
template <typename E>
inline constexpr std::nullptr_t words_of = nullptr;

template <typename E>
concept Worded = std::is_enum_v<E> && !std::is_same_v<decltype(words_of<E>), const std::nullptr_t>;

/// A namespace that defines such enums needs `using hangar::to_string;`.
template <Worded E>
[[nodiscard]] std::string to_string(E value) {
  return std::string(words_of<E>[static_cast<std::size_t>(value)]);
}
/// "" for none.
template <Worded E>
[[nodiscard]] std::string to_string(const std::optional<E>& value) {
  return value ? to_string(*value) : std::string();
}

template <Worded E>
[[nodiscard]] std::optional<E> from_word(std::string_view word) {
  for (std::size_t i = 0; i < words_of<E>.size(); ++i) {
    if (words_of<E>[i] == word) return static_cast<E>(i);
  }
  return std::nullopt;
}
/// False, and `into` as it was, for a word that is not in the table.
template <Worded E>
[[nodiscard]] bool from_word(const std::string& word, E& into) {
  const auto value = from_word<E>(word);
  into = value.value_or(into);
  return value.has_value();
}

template <Worded E>
[[nodiscard]] std::vector<std::string> all_words() {
  return {words_of<E>.begin(), words_of<E>.end()};
}

}  // namespace hangar
